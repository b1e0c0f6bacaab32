import { describe, expect, it } from "vitest";
import { setup } from "./setup.ts";

describe("a rule", () => {
  it("acts on a tag: enters a drip by the drip's name, and tags", async () => {
    const s = await setup();
    await s.drip({ name: "Nieuwe Lead Opvolging" });
    await s.rule({
      trigger: { type: "tag_added", tag: "leads" },
      conditions: { not: { tag: "customer" } },
      actions: [
        { type: "enroll_drip_campaign", campaign: "Nieuwe Lead Opvolging", skipIfAlreadyEnrolled: true },
        { type: "add_tag", tag: "opgevolgd" },
      ],
    });
    const [lead, customer] = [await s.contact(), await s.contact({ tags: ["customer"] })];
    await s.tag(lead, "leads");
    await s.tag(customer, "leads");
    expect(await s.process()).toEqual({ events: 2, enrolled: 1 });
    expect(await s.enrollmentsOf(lead)).toEqual(["Nieuwe Lead Opvolging active"]);
    expect(await s.tagsOf(lead)).toEqual(["leads", "opgevolgd"]);
    expect(await s.enrollmentsOf(customer)).toEqual([]);
    expect(await s.tagsOf(customer)).toEqual(["customer", "leads"]);
  });

  it("enters by campaign_id, as the customer's document writes it", async () => {
    const s = await setup();
    const drip = await s.drip({ name: "Lead" });
    await s.rule({
      trigger: { type: "tag_added", tag: "leads" },
      actions: [{ type: "enroll_drip_campaign", campaign_id: drip.id }],
    });
    const lead = await s.contact();
    await s.tag(lead, "leads");
    await s.process();
    expect(await s.enrollmentsOf(lead)).toEqual(["Lead active"]);
  });

  it("passes in silence over who is in the drip already, unless it is told not to skip them", async () => {
    const s = await setup();
    await s.drip({ name: "Lead" });
    const enroll = { type: "enroll_drip_campaign", campaign: "Lead" };
    await s.rule({ trigger: { type: "custom_event", event: "a" }, actions: [enroll] });
    await s.rule({
      trigger: { type: "custom_event", event: "b" },
      actions: [{ ...enroll, skipIfAlreadyEnrolled: false }],
    });
    const someone = await s.contact();
    for (const event of ["a", "a", "b"]) {
      await s.emit(someone, event);
      await s.process();
    }
    expect((await s.happened(someone)).map(({ note }) => note)).toEqual([
      null,
      null,
      'drip "Lead": already_enrolled',
    ]);
  });

  it("acts on new contacts, on messages that came in, and on events by their data", async () => {
    const s = await setup();
    await s.rule({ trigger: { type: "contact_created" }, actions: [{ type: "add_tag", tag: "new" }] });
    await s.rule({ trigger: { type: "message_received" }, actions: [{ type: "add_tag", tag: "wrote" }] });
    await s.rule({
      trigger: { type: "custom_event", event: "ordered", where: { total: 10 } },
      actions: [{ type: "add_tag", tag: "ten" }],
    });
    const someone = await s.contact();
    await s.query("insert into contact_events (contact_id, type) values ($1, 'message_received')", [someone]);
    await s.emit(someone, "ordered", { total: 11 });
    await s.process();
    expect(await s.tagsOf(someone)).toEqual(["new", "wrote"]);
    await s.emit(someone, "ordered", { total: 10, currency: "EUR" });
    await s.process();
    expect(await s.tagsOf(someone)).toEqual(["new", "ten", "wrote"]);
  });

  it("does its actions in their order: a tag taken away and given again is a tag that was added", async () => {
    const s = await setup();
    await s.drip({ name: "Again", trigger: { type: "tag_added", tag: "x" } });
    await s.rule({
      trigger: { type: "custom_event", event: "again" },
      actions: [
        { type: "remove_tag", tag: "x" },
        { type: "add_tag", tag: "x" },
      ],
    });
    await s.rule({
      trigger: { type: "custom_event", event: "off" },
      actions: [
        { type: "add_tag", tag: "y" },
        { type: "remove_tag", tag: "y" },
      ],
    });
    const someone = await s.contact({ tags: ["x"] });
    await s.process();
    await s.emit(someone, "again");
    await s.emit(someone, "off");
    await s.process();
    expect(await s.tagsOf(someone)).toEqual(["x"]);
    expect((await s.happened(someone)).map(({ name, depth }) => [name, depth])).toEqual([
      ["x", 0],
      ["again", 0],
      ["off", 0],
      ["x", 1],
    ]);
  });

  it("gives the open conversation to an agent, and says when there is no such agent or no conversation", async () => {
    const s = await setup();
    await s.query(
      "insert into profiles (organization_id, full_name, email) values ($1, 'Anna', 'anna@jansen.nl')",
      [s.organization.id],
    );
    for (const [event, agent] of [
      ["ask", "Anna@jansen.nl"],
      ["ask nobody", "bob@jansen.nl"],
      ["ask a viewer", "viewer@jansen"],
    ])
      await s.rule({
        name: event as string,
        trigger: { type: "custom_event", event },
        actions: [{ type: "assign", agent }],
      });
    const [talks, silent] = [await s.contact(), await s.contact()];
    await s.query("insert into conversations (contact_id) values ($1)", [talks]);
    await s.query(
      "insert into conversations (contact_id, status, resolved_at) values ($1, 'closed', adsapp_now())",
      [silent],
    );
    await s.emit(talks, "ask");
    await s.emit(silent, "ask");
    await s.emit(talks, "ask nobody");
    await s.emit(talks, "ask a viewer");
    await s.process();
    expect(
      await s.query(
        `select v.status, p.full_name from conversations v left join profiles p on p.id = v.assigned_agent_id order by v.status`,
      ),
    ).toEqual([
      { status: "assigned", fullName: "Anna" },
      { status: "closed", fullName: null },
    ]);
    expect(await s.notes()).toEqual([
      'rule "ask": no open conversation to assign',
      'rule "ask nobody": no agent "bob@jansen.nl"',
      'rule "ask a viewer": no agent "viewer@jansen"',
    ]);
  });

  it("does nothing while it is disabled, and nothing where it is another organization's", async () => {
    const s = await setup();
    const other = await s.neighbour();
    const drip = await other.drip({ name: "Theirs" });
    const go = { type: "custom_event", event: "go" };
    await s.rule({ trigger: go, actions: [{ type: "add_tag", tag: "off" }], enabled: false });
    await other.rule({ trigger: go, actions: [{ type: "add_tag", tag: "theirs" }] });
    await s.rule({
      name: "reaches over",
      trigger: go,
      actions: [
        { type: "enroll_drip_campaign", campaign: "Theirs" },
        { type: "enroll_drip_campaign", campaign_id: drip.id },
      ],
    });
    const someone = await s.contact();
    await s.emit(someone, "go");
    expect(await s.process()).toEqual({ events: 1, enrolled: 0 });
    expect(await s.tagsOf(someone)).toEqual([]);
    expect(await s.notes()).toEqual([
      `rule "reaches over": no drip "Theirs"; rule "reaches over": no drip "${drip.id}"`,
    ]);
  });
});

describe("rules that set each other off", () => {
  it("chain: each event that a rule emits is one deeper than the one that led to it", async () => {
    const s = await setup();
    await s.drip({
      name: "End",
      trigger: { type: "custom_event", event: "third", where: { from: "second" } },
    });
    const emit = (event: string, then: string) =>
      s.rule({
        trigger: { type: "custom_event", event },
        actions: [{ type: "emit_event", event: then, data: { from: event } }],
      });
    await emit("first", "second");
    await emit("second", "third");
    const someone = await s.contact();
    await s.emit(someone, "first");
    expect(await s.process()).toEqual({ events: 3, enrolled: 1 });
    expect((await s.happened(someone)).map(({ name, depth }) => [name, depth])).toEqual([
      ["first", 0],
      ["second", 1],
      ["third", 2],
    ]);
    expect(await s.enrollmentsOf(someone)).toEqual(["End active"]);
  });

  it("end: a rule that emits what it listens to stops at the fifth, which says so", async () => {
    const s = await setup();
    await s.rule({
      trigger: { type: "custom_event", event: "echo" },
      actions: [{ type: "emit_event", event: "echo" }],
    });
    const someone = await s.contact();
    await s.emit(someone, "echo");
    expect(await s.process()).toEqual({ events: 6, enrolled: 0 });
    const happened = await s.happened(someone);
    expect(happened.map(({ depth, isProcessed }) => [depth, isProcessed])).toEqual(
      [0, 1, 2, 3, 4, 5].map((depth) => [depth, true]),
    );
    expect(happened.map(({ note }) => note)).toEqual([
      ...[null, null, null, null, null],
      "sets nothing off: 5 rules led to it",
    ]);
  });

  it("end: two that give and take each other's tag", async () => {
    const s = await setup();
    const swap = (tag: string, other: string) =>
      s.rule({
        trigger: { type: "tag_added", tag },
        actions: [
          { type: "remove_tag", tag },
          { type: "add_tag", tag: other },
        ],
      });
    await swap("day", "night");
    await swap("night", "day");
    const someone = await s.contact();
    await s.tag(someone, "day");
    await s.process();
    expect(await s.tagsOf(someone)).toEqual(["night"]);
    expect((await s.happened(someone)).map(({ name, depth }) => `${name} ${depth}`)).toEqual([
      ...["day 0", "night 1", "day 2", "night 3", "day 4", "night 5"],
    ]);
  });

  it("a tag that comes too deep to act still ends what it is an exit of", async () => {
    const s = await setup();
    const drip = await s.drip({ name: "Lead", exitWhen: [{ tag: "5" }] });
    for (const n of [0, 1, 2, 3, 4])
      await s.rule({
        trigger: { type: "tag_added", tag: String(n) },
        actions: [{ type: "add_tag", tag: String(n + 1) }],
      });
    const someone = await s.contact();
    await s.query("insert into drip_enrollments (campaign_id, contact_id) values ($1, $2)", [
      drip.id,
      someone,
    ]);
    await s.tag(someone, "0");
    await s.process();
    expect(await s.enrollmentsOf(someone)).toEqual(["Lead dropped exited"]);
  });

  it("leave a person's own events at the top", async () => {
    const s = await setup();
    await s.rule({
      trigger: { type: "custom_event", event: "go" },
      actions: [{ type: "emit_event", event: "gone" }],
    });
    const someone = await s.contact();
    await s.emit(someone, "go");
    await s.process();
    await s.emit(someone, "later");
    expect((await s.happened(someone)).map(({ name, depth }) => `${name} ${depth}`)).toEqual([
      ...["go 0", "gone 1", "later 0"],
    ]);
  });
});
