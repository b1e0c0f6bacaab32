import { describe, expect, it } from "vitest";
import { processEvents } from "../../src/events/process.ts";
import { setup } from "./setup.ts";

describe("several workers at once", () => {
  it("enter each contact once, and act on each event once", async () => {
    const s = await setup();
    await s.drip({ name: "A", trigger: { type: "custom_event", event: "go" } });
    await s.drip({ name: "B", trigger: { type: "tag_added", tag: "b" } });
    await s.rule({
      trigger: { type: "custom_event", event: "go" },
      actions: [
        { type: "add_tag", tag: "b" },
        { type: "emit_event", event: "seen" },
      ],
    });
    await s.contacts(600);
    for (const _ of [1, 2, 3])
      await s.query(
        `insert into contact_events (contact_id, type, name) select c.id, 'custom_event', 'go' from contacts c cross join generate_series(1, 7)`,
      );
    const done = await Promise.all([1, 2, 3, 4].map(() => processEvents(s.database)));
    await s.process();
    expect(done.reduce((sum, { enrolled }) => sum + enrolled, 0)).toBeLessThanOrEqual(1200);
    expect(
      await s.query(
        "select d.name, count(*)::int as n, count(distinct e.contact_id)::int as people from drip_enrollments e join drip_campaigns d on d.id = e.campaign_id group by 1 order by 1",
      ),
    ).toEqual([
      { name: "A", n: 600, people: 600 },
      { name: "B", n: 600, people: 600 },
    ]);
    expect(
      await s.query(
        "select name, count(*)::int as n from contact_events where processed_at is not null group by name order by name",
      ),
    ).toEqual([
      { name: "b", n: 600 },
      { name: "go", n: 12_600 },
      { name: "seen", n: 12_600 },
    ]);
  });

  it("leave to another what it has taken, and do not wait for it", async () => {
    const s = await setup();
    await s.drip({ name: "Go", trigger: { type: "custom_event", event: "go" } });
    const [taken, free] = [await s.contact(), await s.contact()];
    await s.emit(taken, "go");
    await s.database.transaction({ role: "worker" }, async (tx) => {
      await tx.query("select from contact_events for update");
      await s.emit(free, "go");
      expect(await s.process()).toEqual({ events: 1, enrolled: 1 });
    });
    expect(await s.enrollmentsOf(taken)).toEqual([]);
    await s.process();
    expect(await s.enrollmentsOf(taken)).toEqual(["Go active"]);
  });
});

describe("processing", () => {
  it("stops between batches when it is told to, and goes on later", async () => {
    const s = await setup();
    await s.contacts(1);
    await s.query(
      "insert into contact_events (contact_id, type, name) select c.id, 'custom_event', 'go' from contacts c cross join generate_series(1, 20001)",
    );
    let asked = 0;
    expect(await processEvents(s.database, undefined, () => ++asked === 1)).toEqual({
      events: 10_000,
      enrolled: 0,
    });
    expect(await processEvents(s.database)).toEqual({ events: 10_001, enrolled: 0 });
  });

  it("of one organization leaves the others' events", async () => {
    const s = await setup();
    const other = await s.neighbour();
    await s.emit(await s.contact(), "go");
    await other.emit(await other.contact(), "go");
    expect(await processEvents(s.database, other.organization.id)).toEqual({ events: 1, enrolled: 0 });
    expect(await processEvents(s.database)).toEqual({ events: 1, enrolled: 0 });
  });

  it("takes what happened before what rules made of it", async () => {
    const s = await setup();
    await s.rule({
      trigger: { type: "custom_event", event: "go" },
      actions: [{ type: "emit_event", event: "went" }],
    });
    const someone = await s.contact();
    await s.emit(someone, "go");
    let asked = 0;
    await processEvents(s.database, undefined, () => ++asked === 1);
    await s.emit(someone, "go");
    asked = 0;
    await processEvents(s.database, undefined, () => ++asked === 1);
    expect((await s.happened(someone)).map(({ name, isProcessed }) => [name, isProcessed])).toEqual([
      ["go", true],
      ["went", false],
      ["go", true],
      ["went", false],
    ]);
  });
});
