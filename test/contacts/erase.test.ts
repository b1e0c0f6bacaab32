import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportPerson } from "../../src/contacts/person.ts";
import { operator } from "../../src/db/identity.ts";
import { tick } from "../../src/tick/tick.ts";
import { makeCampaign, makeJobs, makeRun } from "../support/factories.ts";
import { messagesBody } from "../webhooks/messages.ts";
import { bodyOf } from "../webhooks/setup.ts";
import { admin, contactOf, erase, folder, rowsThatSay, s, someone, useErasing } from "./erasing.ts";

useErasing();

describe("contact erase", () => {
  it("leaves no row of any table that says who it was, and every count as it was", async () => {
    const { id, words } = await someone();
    expect((await rowsThatSay(words)).length).toBeGreaterThan(8);
    const counts = () =>
      s.rows("select id, messages_sent, replies_received, opt_outs from bulk_campaigns order by id");
    const before = await counts();
    expect(await erase(id)).toMatchObject({ contactId: id, messages: 4, webhookBodies: 2 });
    expect(await rowsThatSay(words)).toEqual([]);
    expect(await counts()).toEqual(before);
    expect(await s.rows("select from messages where contact_id = $1", [id])).toHaveLength(3);
    expect(
      await s.row("select status, exit_reason from drip_enrollments where contact_id = $1", [id]),
    ).toMatchObject({
      exitReason: "opted_out",
    });
  });

  it("leaves an id that says nothing where a definition named the person, and the others whom it names", async () => {
    const { id, other, campaignId } = await someone();
    await erase(id);
    const audience = { type: "contacts", contacts: [id, other.phone], v: 2 };
    expect(await s.row("select target_audience from bulk_campaigns where id = $1", [campaignId])).toEqual({
      targetAudience: audience,
    });
  });

  it("takes the person out of a raw body, and leaves the others in", async () => {
    const { id, other } = await someone();
    await erase(id);
    const bodies = await rowsThatSay([other.phone.slice(1)]);
    expect(bodies.filter((row) => row.startsWith("webhook_inbox: "))).toHaveLength(1);
    expect(bodies.join()).toContain("Van een ander");
  });

  it("takes the person out of a body that waits, which is applied for the others", async () => {
    const { id, digits } = await someone();
    await s.rows("insert into webhook_inbox (body) values ($1)", [
      messagesBody([
        { from: digits, text: { body: "nog een geheim" } },
        { from: "31699999901", text: { body: "STOP" } },
      ]),
    ]);
    await erase(id);
    await s.apply();
    expect(await rowsThatSay(["nog een geheim", digits])).toEqual([]);
    expect(await s.row("select opted_out_at from contacts where phone = '+31699999901'")).toMatchObject({
      optedOutAt: expect.any(Date),
    });
  });

  it("has late statuses still count, and takes what came in since when it is done again", async () => {
    const { id } = await someone();
    const run = await makeRun(s.database, await makeCampaign(s.database, s.organization));
    const [job] = await makeJobs(s.database, run, { sent: 1 }, { contacts: [{ id }] });
    const sent = await s.row(
      "select provider_message_id as wamid from messages where bulk_message_job_id = $1",
      [job?.id],
    );
    await erase(id);
    await s.apply(bodyOf([{ id: sent.wamid as string, status: "delivered", job: job as { id: string } }]));
    expect(await s.job(job as never)).toMatchObject({ status: "delivered" });
    await s.rows("update messages set body = 'laat' where contact_id = $1 and direction = 'outbound'", [id]);
    expect((await erase(id)).messages).toBeGreaterThan(0);
    expect(await s.rows("select from messages where contact_id = $1 and body is not null", [id])).toEqual([]);
  });

  it("keeps Meta's ids, which hold the phone, for the 30 days in which statuses come", async () => {
    const { id } = await someone();
    await s.rows(
      "update messages set created_at = created_at - interval '31 days' where contact_id = $1 and direction = 'inbound'",
      [id],
    );
    await erase(id);
    const ids = await s.rows<{ direction: string; own: boolean }>(
      "select direction, provider_message_id = 'erased:' || id as own from messages where contact_id = $1",
      [id],
    );
    expect(ids.filter(({ own }) => own).map(({ direction }) => direction)).toEqual(["inbound", "inbound"]);
  });

  it("has what waits for the person skipped", async () => {
    const { id } = await someone();
    const run = await makeRun(
      s.database,
      await makeCampaign(s.database, s.organization, { type: "transactional" }),
    );
    const [job] = await makeJobs(s.database, run, { pending: 1 }, { contacts: [{ id }] });
    await erase(id);
    const signal = new AbortController().signal;
    await tick({
      database: s.database,
      env: {},
      leaseSeconds: 30,
      budgetSeconds: 20,
      only: ["send"],
      drain: true,
      organizationId: s.organization.id,
      stopping: signal,
      aborting: signal,
      logFile: join(folder, "messages.ndjson"),
    } as never);
    expect(await s.job(job as never)).toMatchObject({ status: "skipped", skipReason: "erased" });
  });

  it("is an admin's: not an agent's or a viewer's, and nobody's of another organization", async () => {
    const { id, phone } = await someone();
    await expect(erase(id, s.organization.viewerId)).rejects.toMatchObject({ exitCode: 5 });
    const asOther = s.database.transaction(operator(s.other.profileId), (tx) =>
      tx.one<{ erased: object | null }>("select erase_contact($1) as erased", [id]),
    );
    expect(await asOther).toEqual({ erased: null });
    expect(await contactOf(phone)).toEqual({ id });
  });
});

describe("contact export", () => {
  it("holds all that is stored about one person, with the evidence of consent, and nothing of others", async () => {
    const { id, words, other } = await someone();
    const all = await s.database.transaction(admin(), (tx) => exportPerson(tx, s.organization.id, id));
    for (const [section, rows] of Object.entries(all))
      expect([section, rows.length > 0]).toEqual([section, true]);
    const text = JSON.stringify(all);
    for (const word of words) expect(text).toContain(word);
    expect(text).not.toContain(other.phone.slice(1));
    expect(text).not.toContain("Van een ander");
    expect(JSON.stringify(all.consent)).toContain("preferences: ");
  });
});
