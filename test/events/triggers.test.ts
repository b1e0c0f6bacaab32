import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tagContacts } from "../../src/contacts/contacts.ts";
import { importContacts } from "../../src/contacts/import.ts";
import { operator } from "../../src/db/identity.ts";
import { setup } from "./setup.ts";

describe("a drip's trigger", () => {
  it("takes in whoever gets the tag by SQL, and nobody who gets another one", async () => {
    const s = await setup();
    await s.drip({ name: "Lead", trigger: { type: "tag_added", tag: "leads" } });
    const [lead, other] = [await s.contact(), await s.contact()];
    await s.tag(lead, "leads");
    await s.tag(other, "vip");
    expect(await s.process()).toEqual({ events: 1, enrolled: 1 });
    expect(await s.enrollmentsOf(lead)).toEqual(["Lead active"]);
    expect(await s.enrollmentsOf(other)).toEqual([]);
    expect(await s.happened(lead)).toEqual([
      { type: "tag_added", name: "leads", depth: 0, isProcessed: true, note: null },
    ]);
    expect(await s.process()).toEqual({ events: 0, enrolled: 0 });
  });

  it("takes in whom a person tags", async () => {
    const s = await setup();
    await s.drip({ name: "Lead", trigger: { type: "tag_added", tag: "leads" } });
    const lead = await s.contact();
    await s.database.transaction(operator(s.organization.profileId), (tx) =>
      tagContacts(tx, s.organization.id, [lead], ["leads"]),
    );
    await s.process();
    expect(await s.enrollmentsOf(lead)).toEqual(["Lead active"]);
  });

  it("takes in whom an import makes and tags: one drip by the tag, one by being new", async () => {
    const s = await setup();
    await s.drip({ name: "Lead", trigger: { type: "tag_added", tag: "leads" } });
    await s.drip({ name: "Welcome", trigger: { type: "contact_created" } });
    const folder = mkdtempSync(join(tmpdir(), "adsapp-events-"));
    try {
      writeFileSync(join(folder, "leads.csv"), "phone\n0612345678\n0623456789\n");
      await importContacts(
        s.database,
        operator(s.organization.profileId),
        { ...s.organization, name: "Jansen", timezone: "Europe/Amsterdam", defaultCountry: "NL" },
        join(folder, "leads.csv"),
        { country: "NL", tags: ["leads"], onDuplicate: "update", force: false, dryRun: false },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
    expect(await s.process()).toEqual({ events: 4, enrolled: 4 });
    const people = await s.query<{ id: string }>("select id from contacts");
    for (const { id } of people) expect(await s.enrollmentsOf(id)).toEqual(["Lead active", "Welcome active"]);
  });

  it("takes in by a custom event whose data has what it asks for", async () => {
    const s = await setup();
    await s.drip({
      name: "Cart",
      trigger: { type: "custom_event", event: "cart_left", where: { shop: "nl", basket: { kind: "big" } } },
    });
    await s.drip({ name: "Any cart", trigger: { type: "custom_event", event: "cart_left" } });
    const [meets, lacks] = [await s.contact(), await s.contact()];
    await s.emit(meets, "cart_left", { shop: "nl", basket: { kind: "big", items: 9 }, note: "x" });
    await s.emit(lacks, "cart_left", { shop: "nl", basket: { kind: "small" } });
    await s.emit(lacks, "cart_found", { shop: "nl", basket: { kind: "big" } });
    await s.emit(lacks, "cart_left", { shop: "nl", basket: { kind: "big" } }, "api");
    await s.process();
    expect(await s.enrollmentsOf(meets)).toEqual(["Any cart active", "Cart active"]);
    expect(await s.enrollmentsOf(lacks)).toEqual(["Any cart active"]);
  });

  it("takes in by an api event of its name, and by no custom event of that name", async () => {
    const s = await setup();
    await s.drip({ name: "Api", trigger: { type: "api", event: "start" } });
    const [called, told] = [await s.contact(), await s.contact()];
    await s.emit(called, "start", {}, "api");
    await s.emit(told, "start", {}, "custom_event");
    await s.process();
    expect(await s.enrollmentsOf(called)).toEqual(["Api active"]);
    expect(await s.enrollmentsOf(told)).toEqual([]);
  });

  it("sleeps while the drip is no active one, and never fires without its tag", async () => {
    const s = await setup();
    for (const status of ["draft", "paused", "archived"] as const)
      await s.drip({ name: status, status, trigger: { type: "custom_event", event: "go" } });
    await s.drip({ name: "No tag", trigger: { type: "tag_added" } });
    const someone = await s.contact();
    await s.emit(someone, "go");
    await s.tag(someone, "leads");
    await s.process();
    expect(await s.enrollmentsOf(someone)).toEqual([]);
  });

  it("enters nobody twice, whatever comes twice: the event, the tag, in one batch or in two", async () => {
    const s = await setup();
    await s.drip({ name: "Go", trigger: { type: "custom_event", event: "go" } });
    const someone = await s.contact();
    await s.emit(someone, "go");
    await s.emit(someone, "go");
    expect(await s.process()).toEqual({ events: 2, enrolled: 1 });
    await s.emit(someone, "go");
    expect(await s.process()).toEqual({ events: 1, enrolled: 0 });
    expect(await s.enrollmentsOf(someone)).toEqual(["Go active"]);
    expect(await s.notes()).toEqual([]);
  });

  it("says at the event why somebody was not entered", async () => {
    const s = await setup();
    await s.drip({ name: "Go", trigger: { type: "custom_event", event: "go" } });
    await s.emit(await s.contact({ optedOutAt: new Date() }), "go");
    await s.emit(await s.contact({ blockedAt: new Date() }), "go");
    expect(await s.process()).toEqual({ events: 2, enrolled: 0 });
    expect(await s.notes()).toEqual(['drip "Go": opted_out', 'drip "Go": blocked']);
  });

  it("of one organization hears nothing of another's contacts", async () => {
    const s = await setup();
    const other = await s.neighbour();
    await s.drip({ name: "Mine", trigger: { type: "custom_event", event: "go" } });
    await other.drip({ name: "Theirs", trigger: { type: "custom_event", event: "go" } });
    const [mine, theirs] = [await s.contact(), await other.contact()];
    await s.emit(mine, "go");
    await other.emit(theirs, "go");
    await s.process();
    expect(await s.enrollmentsOf(mine)).toEqual(["Mine active"]);
    expect(await s.enrollmentsOf(theirs)).toEqual(["Theirs active"]);
  });
});

describe("a drip's exit", () => {
  it("drops whoever gets a tag that it names, and keeps the others", async () => {
    const s = await setup();
    await s.drip({
      name: "Lead",
      trigger: { type: "tag_added", tag: "leads" },
      exitWhen: [{ tag: "customer" }, { event: "purchased" }],
    });
    const [tagged, bought, stays] = [await s.contact(), await s.contact(), await s.contact()];
    for (const id of [tagged, bought, stays]) await s.tag(id, "leads");
    await s.process();
    await s.tag(tagged, "customer");
    await s.emit(bought, "purchased", { total: 5 });
    await s.emit(stays, "looked");
    await s.process();
    expect(await s.enrollmentsOf(tagged)).toEqual(["Lead dropped exited"]);
    expect(await s.enrollmentsOf(bought)).toEqual(["Lead dropped exited"]);
    expect(await s.enrollmentsOf(stays)).toEqual(["Lead active"]);
    const open = await s.query("select from drip_message_logs where status = 'pending'");
    expect(open).toHaveLength(1);
  });

  it("counts no event from before the entry", async () => {
    const s = await setup();
    await s.drip({
      name: "Lead",
      trigger: { type: "tag_added", tag: "leads" },
      exitWhen: [{ event: "purchased" }],
    });
    const someone = await s.contact();
    await s.emit(someone, "purchased");
    await s.process();
    await s.tag(someone, "leads");
    await s.process();
    await s.emit(someone, "looked");
    await s.process();
    expect(await s.enrollmentsOf(someone)).toEqual(["Lead active"]);
  });

  it("drops a paused enrollment too", async () => {
    const s = await setup();
    const drip = await s.drip({
      name: "Lead",
      trigger: { type: "custom_event", event: "go" },
      exitWhen: [{ tag: "customer" }],
    });
    const someone = await s.contact();
    await s.emit(someone, "go");
    await s.process();
    await s.query("update drip_enrollments set status = 'paused' where campaign_id = $1", [drip.id]);
    await s.tag(someone, "customer");
    await s.process();
    expect(await s.enrollmentsOf(someone)).toEqual(["Lead dropped exited"]);
  });
});
