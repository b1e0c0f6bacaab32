import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Setup, setup } from "./setup.ts";

const GO = { type: "custom_event", event: "go" };

/** No database reads as deep as that, whatever conditions it forgives: asking for it fails. */
const BOTTOMLESS = Array.from({ length: 3000 }).reduce<object>((inner) => ({ not: inner }), { tag: "x" });

/** A drip that hears the same events, to see that they are not lost to it. */
async function beside(s: Setup) {
  await s.drip({ name: "Good", trigger: GO });
  const someone = await s.contact();
  await s.emit(someone, "go");
  return someone;
}

describe("what somebody wrote by SQL and nobody can do", () => {
  it("an action that is none: its events say which, its other actions are done", async () => {
    const s = await setup();
    const someone = await beside(s);
    await s.rule({
      name: "bad",
      trigger: GO,
      actions: [
        ...[
          null,
          "enroll",
          7,
          [],
          {},
          { type: "launch" },
          { type: "add_tag" },
          { type: "add_tag", tag: " x" },
        ],
        { type: "add_tag", tag: "good" },
        { type: "emit_event", event: "x", data: [] },
        { type: "enroll_drip_campaign" },
        { type: "assign", agent: 7 },
      ],
    });
    expect(await s.process()).toEqual({ events: 1, enrolled: 1 });
    expect(await s.tagsOf(someone)).toEqual(["good"]);
    const [note] = await s.notes();
    for (const fault of [
      ...["action 1 is of no known type", "action 6 is of no known type", "action 7 has no tag"],
      ...["action 10 has data that is no object", "action 11 names no drip", "action 12 has no agent"],
    ])
      expect(note).toContain(`rule "bad": ${fault}`);
  });

  it("more actions than anybody needs: none of them", async () => {
    const s = await setup();
    await beside(s);
    await s.rule({ name: "long", trigger: GO, actions: Array(10_000).fill({ type: "add_tag", tag: "x" }) });
    expect(await s.process()).toEqual({ events: 1, enrolled: 1 });
    expect(await s.notes()).toEqual(['rule "long": it has 10000 actions; 20 are allowed']);
  });

  it("conditions that cannot be read: the rule's events say so, other rules and drips act", async () => {
    const s = await setup();
    const someone = await beside(s);
    await s.rule({
      name: "bad",
      trigger: GO,
      conditions: BOTTOMLESS,
      actions: [{ type: "add_tag", tag: "bad" }],
    });
    await s.rule({
      name: "good",
      trigger: GO,
      conditions: { not: { tag: "x" } },
      actions: [{ type: "add_tag", tag: "good" }],
    });
    expect(await s.process()).toEqual({ events: 1, enrolled: 1 });
    expect(await s.tagsOf(someone)).toEqual(["good"]);
    expect(await s.notes()).toEqual([expect.stringContaining('conditions of rule "bad": stack depth')]);
  });

  it("a condition that only some contacts' data make unreadable: only they pay", async () => {
    const s = await setup();
    await s.rule({
      name: "some",
      trigger: GO,
      conditions: { any: [{ not: { tag: "odd" } }, BOTTOMLESS] },
      actions: [{ type: "add_tag", tag: "met" }],
    });
    await s.rule({ name: "all", trigger: GO, actions: [{ type: "add_tag", tag: "done" }] });
    const [odd] = [await s.contact({ tags: ["odd"] }), await s.contacts(299)];
    await s.query(
      "insert into contact_events (contact_id, type, name) select id, 'custom_event', 'go' from contacts",
    );
    expect((await s.process()).events).toBe(300);
    expect(await s.tagsOf(odd)).toEqual(["done", "odd"]);
    expect(await s.notes()).toEqual([expect.stringContaining('conditions of rule "some": stack depth')]);
    const met = await s.query("select from contact_tags where tag = 'met'");
    expect(met).toHaveLength(299);
  });

  it("exits and settings of a drip that cannot be read: its events say so, other drips go on", async () => {
    const s = await setup();
    const someone = await beside(s);
    const bad = await s.drip({ name: "Bad exits" });
    await s.query("insert into drip_enrollments (campaign_id, contact_id) values ($1, $2)", [
      bad.id,
      someone,
    ]);
    await s.query("update drip_campaigns set exit_when = $2 where id = $1", [
      bad.id,
      JSON.stringify([BOTTOMLESS]),
    ]);
    const worse = await s.drip({ name: "Bad settings", trigger: GO });
    await s.query(`update drip_campaigns set settings = '{"requireOptIn": "perhaps"}' where id = $1`, [
      worse.id,
    ]);
    expect(await s.process()).toEqual({ events: 1, enrolled: 1 });
    expect(await s.enrollmentsOf(someone)).toEqual(["Bad exits active", "Good active"]);
    const [note] = await s.notes();
    expect(note).toContain('exits of drip "Bad exits": stack depth');
    expect(note).toContain('drip "Bad settings": invalid input syntax');
  });

  it("anything: every event is worked off, and none is lost to the others", async () => {
    const s = await setup();
    await s.drip({ name: "Good", trigger: GO });
    const word = fc.constantFrom(
      "type",
      "tag",
      "campaign",
      "campaign_id",
      "agent",
      "event",
      "data",
      "all",
      "field",
      "op",
      "value",
    );
    const value = fc.oneof(
      fc.json({ maxDepth: 2, noUnicodeString: true }).map((text) => JSON.parse(text) as unknown),
      fc.constantFrom("add_tag", "emit_event", "assign", "enroll_drip_campaign", "x"),
    );
    const thing = fc.dictionary(word, value, { maxKeys: 4 });
    await fc.assert(
      fc.asyncProperty(fc.array(thing, { maxLength: 4 }), thing, async (actions, conditions) => {
        const people = await s.contacts(2);
        await s.query("update automation_rules set enabled = false");
        await s.rule({ trigger: GO, conditions, actions });
        for (const { id } of people) await s.emit(id, "go");
        await s.process();
        const waiting = await s.query("select from contact_events where processed_at is null");
        expect(waiting).toEqual([]);
        for (const { id } of people) expect(await s.enrollmentsOf(id)).toEqual(["Good active"]);
      }),
      { numRuns: 60 },
    );
  });
});
