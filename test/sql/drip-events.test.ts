import { describe, expect, it } from "vitest";
import type { Transaction } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeContacts, makeOrganization } from "../support/factories.ts";
import { setup, useDatabase } from "./drip-setup.ts";

const base = useDatabase();

const asWorker = <T>(work: (tx: Transaction) => Promise<T>) => base.database.transaction(worker, work);
const eventsOf = (organization: { id: string }) =>
  asWorker((tx) =>
    tx.query<{ type: string; name: string | null }>(
      "select type, name from contact_events where organization_id = $1 order by id",
      [organization.id],
    ),
  );
const makeRule = (organization: { id: string }, type: string, config: object, enabled = true) =>
  asWorker((tx) =>
    tx.run(
      "insert into automation_rules (organization_id, name, trigger_type, trigger_config, actions, enabled) values ($1, 'Regel', $2, $3, '[]', $4)",
      [organization.id, type, JSON.stringify(config), enabled],
    ),
  );

describe("events come only where somebody listens", () => {
  const created = { type: "contact_created", name: null };
  const tagged = { type: "tag_added", name: "leads" };

  it.each([
    ["nobody", async () => {}, []],
    [
      "a drip on new contacts",
      (o: { id: string }) => makeDrip(base.database, o, { trigger: { type: "contact_created" } }),
      [created],
    ],
    [
      "a paused one",
      (o: { id: string }) =>
        makeDrip(base.database, o, { status: "paused", trigger: { type: "contact_created" } }),
      [],
    ],
    ["a rule on new contacts", (o: { id: string }) => makeRule(o, "contact_created", {}), [created]],
    ["a rule that is off", (o: { id: string }) => makeRule(o, "contact_created", {}, false), []],
    [
      "a drip on the tag",
      (o: { id: string }) => makeDrip(base.database, o, { trigger: { type: "tag_added", tag: "leads" } }),
      [tagged],
    ],
    [
      "a draft on the tag",
      (o: { id: string }) =>
        makeDrip(base.database, o, { status: "draft", trigger: { type: "tag_added", tag: "leads" } }),
      [],
    ],
    [
      "a drip on another tag",
      (o: { id: string }) => makeDrip(base.database, o, { trigger: { type: "tag_added", tag: "lead" } }),
      [],
    ],
    [
      "a drip without its tag",
      (o: { id: string }) => makeDrip(base.database, o, { trigger: { type: "tag_added" } }),
      [],
    ],
    ["a rule on the tag", (o: { id: string }) => makeRule(o, "tag_added", { tag: "leads" }), [tagged]],
    [
      "an exit by the tag, deep down",
      (o: { id: string }) =>
        makeDrip(base.database, o, {
          exitWhen: [{ any: [{ not: { list: "x" } }, { all: [{ tag: "leads" }] }] }],
        }),
      [tagged],
    ],
  ])("%s", async (_what, listen, expected) => {
    const [mine, theirs] = [await makeOrganization(base.database), await makeOrganization(base.database)];
    await listen(mine);
    for (const organization of [mine, theirs])
      await makeContacts(base.database, organization, 1, { tags: ["leads", "vip"] });
    expect(await eventsOf(mine)).toEqual(expected);
    expect(await eventsOf(theirs)).toEqual([]);
  });

  it("once, however many listen to the same tag", async () => {
    const organization = await makeOrganization(base.database);
    for (const _ of [1, 2])
      await makeDrip(base.database, organization, { trigger: { type: "tag_added", tag: "leads" } });
    await makeContacts(base.database, organization, 1, { tags: ["leads"] });
    expect(await eventsOf(organization)).toEqual([tagged]);
  });

  it("for 10,000 people in one statement, an operator's too", async () => {
    const organization = await makeOrganization(base.database);
    await makeDrip(base.database, organization, { trigger: { type: "contact_created" } });
    await makeDrip(base.database, organization, { trigger: { type: "tag_added", tag: "leads" } });
    await base.database.transaction(operator(organization.profileId), async (tx) => {
      await tx.run(
        "insert into contacts (phone) select '+316' || 10000000 + n from generate_series(1, 10000) n",
      );
      await tx.run("insert into contact_tags (contact_id, tag) select id, 'leads' from contacts");
    });
    const counts = await asWorker((tx) =>
      tx.query(
        "select type, count(*) as n from contact_events where organization_id = $1 group by 1 order by 1",
        [organization.id],
      ),
    );
    expect(counts).toEqual([
      { type: "contact_created", n: 10_000 },
      { type: "tag_added", n: 10_000 },
    ]);
  });
});

describe("enroll_in_drips says why not", () => {
  interface Case {
    contact?: Parameters<typeof makeContacts>[3];
    drip?: Parameters<typeof makeDrip>[2];
    before?: "active" | "completed" | "dropped";
  }
  const reentry = (value: unknown): Case["drip"] => ({ settings: { reentry: value } });

  it.each<[string | null, string, Case]>([
    [null, "somebody new", {}],
    ["not_active", "a draft", { drip: { status: "draft" } }],
    ["not_active", "a paused drip", { drip: { status: "paused" } }],
    ["already_enrolled", "who is in it", { before: "active" }],
    ["was_enrolled", "who was in it", { before: "completed" }],
    [
      "was_enrolled",
      "who dropped out, after completion only",
      { before: "dropped", drip: reentry("after_completion") },
    ],
    [null, "who completed it", { before: "completed", drip: reentry("after_completion") }],
    ["too_soon", "who left a minute ago", { before: "dropped", drip: reentry({ after_days: 90 }) }],
    [null, "who left long enough ago", { before: "dropped", drip: reentry({ after_days: 0 }) }],
    ["was_enrolled", "an unknown word for reentry", { before: "completed", drip: reentry("always") }],
    ["was_enrolled", "days that are none", { before: "completed", drip: reentry({ after_days: "90" }) }],
    ["opted_out", "who said STOP", { contact: { optedOutAt: new Date() } }],
    [
      null,
      "who said STOP, transactional",
      { contact: { optedOutAt: new Date() }, drip: { settings: { transactional: true } } },
    ],
    [
      "blocked",
      "who is blocked",
      { contact: { blockedAt: new Date() }, drip: { settings: { transactional: true } } },
    ],
    ["no_opt_in", "who never agreed", { drip: { settings: { requireOptIn: true } } }],
    [null, "who agreed", { contact: { optedInAt: new Date() }, drip: { settings: { requireOptIn: true } } }],
  ])("%s: %s", async (expected, _what, { contact: given, drip: definition, before }) => {
    const { organization } = await setup(base, { people: 0 });
    const drip = await makeDrip(base.database, organization, definition);
    const [contact] = await makeContacts(base.database, organization, 1, given);
    if (before !== undefined) {
      const [entered] = await makeEnrollments(base.database, drip, [contact as { id: string }]);
      if (before !== "active")
        await asWorker((tx) =>
          tx.run("update drip_enrollments set status = $2 where id = $1", [entered?.id, before]),
        );
    }
    const pair = [organization.id, [drip.id, drip.id], [contact?.id, contact?.id]];
    const answers = await base.database.transaction(operator(organization.profileId), (tx) =>
      tx.query(
        "select reason, enrollment_id is not null as entered from enroll_in_drips($1, $2, $3, null)",
        pair,
      ),
    );
    expect(answers).toEqual([{ reason: expected, entered: expected === null }]);
  });

  it("erased, and nothing of another organization's", async () => {
    const { organization, drip } = await setup(base, { people: 0 });
    const [contact] = await makeContacts(base.database, organization, 1);
    await asWorker((tx) =>
      tx.run("update contacts set erased_at = adsapp_now(), phone = null where id = $1", [contact?.id]),
    );
    const enroll = (identity: Parameters<typeof base.database.transaction>[0]) =>
      base.database.transaction(identity, (tx) =>
        tx.query("select reason from enroll_in_drips($1, $2, $3, null)", [
          organization.id,
          [drip.id],
          [contact?.id],
        ]),
      );
    expect(await enroll(worker)).toEqual([{ reason: "erased" }]);
    const stranger = await makeOrganization(base.database);
    expect(await enroll(operator(stranger.profileId))).toEqual([]);
  });
});
