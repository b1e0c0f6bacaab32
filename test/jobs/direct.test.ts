import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { findJob, listJobs } from "../../src/jobs/find.ts";
import { type Person, resolveJob } from "../../src/jobs/resolve.ts";
import { rescueDirect } from "../../src/sending/rescue.ts";
import { NOW, only, type Setup, setup, type World } from "../sending/setup.ts";

let s: Setup;
let w: World;

beforeAll(async () => {
  s = await setup();
  w = await s.world();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const admin = () => operator(w.organization.profileId) as Person;
const show = (id: string) => s.database.transaction(admin(), (tx) => findJob(tx, w.organization.id, id));
const list = (filter: object) =>
  s.database.transaction(admin(), (tx) => listJobs(tx, w.organization.id, { limit: 50, ...filter }));

async function answer(): Promise<{ id: string; contactId: string }> {
  const [contact] = await w.contacts(1, { lastInboundAt: NOW });
  const contactId = (contact as { id: string }).id;
  const rows = await w.rows<{ id: string }>(
    `insert into messages (organization_id, direction, contact_id, type, body, payload, status)
     values ($1, 'outbound', $2, 'text', 'Tot morgen!', '{"type": "text", "text": {"body": "Tot morgen!"}}', 'pending') returning id`,
    [w.organization.id, contactId],
  );
  return { id: only(rows).id as string, contactId };
}

/** Its worker claimed it and was gone before the answer was written down. */
async function unknownAnswer() {
  const given = await answer();
  await w.claim();
  await w.expireLeases();
  await rescueDirect(s.database, w.organization.id);
  return given;
}

describe("an agent's answer among single messages", () => {
  it("is listed by its contact with what comes next, and is no campaign's", async () => {
    const { id, contactId } = await answer();
    expect(await list({ contactId })).toMatchObject([
      {
        id,
        kind: "direct",
        campaign: null,
        status: "pending",
        attempts: 0,
        next: "attempt 1 of 3, when its turn comes",
      },
    ]);
    expect(await show(id)).toMatchObject({ id, kind: "direct", messages: [] });
  });

  it("waits for a person when its outcome is unknown, who says that it was sent", async () => {
    const { id } = await unknownAnswer();
    expect((await list({ status: "unknown" })).map((job) => job.id)).toContain(id);
    expect(await show(id)).toMatchObject({
      status: "unknown",
      isHeld: true,
      next: expect.stringContaining("job resolve"),
    });
    const told = await resolveJob(s.database, admin(), w.organization.id, id, "sent");
    expect(told).toMatchObject({ resolved: 1, sent: 1, pending: 0 });
    expect(await show(id)).toMatchObject({ status: "sent", resolvedAs: "sent" });
    expect(await resolveJob(s.database, admin(), w.organization.id, id, "sent")).toMatchObject({
      resolved: 0,
    });
  });

  it("or that it was not: it has failed, is not sent again, and the audit log keeps who said so", async () => {
    const { id } = await unknownAnswer();
    const told = await resolveJob(s.database, admin(), w.organization.id, id, "not-sent");
    expect(told).toMatchObject({ resolved: 1, failed: 1, pending: 0 });
    expect(await show(id)).toMatchObject({
      status: "failed",
      errorCode: "not_sent",
      resolvedAs: "not-sent",
      next: "nothing",
    });
    expect(await w.rows("select from direct_queue where message_id = $1", [id])).toEqual([]);
    expect(
      await w.rows("select actor, subject_type from audit_log where subject_id = $1 and action = 'resolve'", [
        id,
      ]),
    ).toMatchObject([{ actor: w.organization.profileId, subjectType: "messages" }]);
  });
});
