import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import importCommand from "../../src/events/event-import.command.ts";
import { importEvents } from "../../src/events/import.ts";
import { runCommand } from "../reports/run-command.ts";
import { type Setup, setup } from "./setup.ts";

const folder = mkdtempSync(join(tmpdir(), "adsapp-events-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;

const write = (lines: readonly (object | string)[]) => {
  const file = join(folder, `${++files}.ndjson`);
  writeFileSync(
    file,
    lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""),
  );
  return file;
};

const importFile = (s: Setup, file: string, type?: "api") =>
  importEvents(
    s.database,
    operator(s.organization.profileId),
    { ...s.organization, name: "Jansen", timezone: "Europe/Amsterdam", defaultCountry: "NL" },
    file,
    type,
  );

describe("event import", () => {
  it("takes events by phone, user id and id, with their data and time", async () => {
    const s = await setup();
    await s.drip({
      name: "Cart",
      trigger: { type: "custom_event", event: "cart_left", where: { shop: "nl" } },
    });
    const [a, b, c] = await s.contacts(3);
    await s.query("update contacts set bsuid = 'NL.abc123' where id = $1", [c?.id]);
    const event = { event: "cart_left", data: { shop: "nl" } };
    const report = await importFile(
      s,
      write([
        { ...event, contact: "06-10000001", occurredAt: "2026-01-02T03:04:05+01:00", eventId: "1" },
        { ...event, contact: b?.id, eventId: "2" },
        "",
        { ...event, contact: "NL.abc123" },
      ]),
    );
    expect(report).toEqual({ lines: 3, stored: 3, duplicates: 0, rejected: 0, examples: [] });
    expect(
      await s.query("select event_id, occurred_at from contact_events where contact_id = $1", [a?.id]),
    ).toEqual([{ eventId: "1", occurredAt: new Date("2026-01-02T02:04:05Z") }]);
    expect(await s.process()).toEqual({ events: 3, enrolled: 3 });
  });

  it("is idempotent by event id: within the file, across batches, and the whole file again", async () => {
    const s = await setup();
    await s.contacts(1);
    const lines = Array.from({ length: 6000 }, (_, n) => ({
      event: "go",
      contact: "0610000001",
      eventId: `e${n % 5500}`,
    }));
    const file = write(lines);
    expect(await importFile(s, file)).toMatchObject({ lines: 6000, stored: 5500, duplicates: 500 });
    expect(await importFile(s, file)).toMatchObject({ lines: 6000, stored: 0, duplicates: 6000 });
    expect(await s.query("select count(*) as n from contact_events")).toEqual([{ n: 5500 }]);
  });

  it("tells each bad line with its number and reason, keeps the good ones, and ends with 3", async () => {
    const s = await setup();
    await s.contacts(1);
    const good = { event: "go", contact: "0610000001" };
    const file = write([
      good,
      "{",
      "[1]",
      { ...good, event: undefined },
      { ...good, contact: "0620000001" },
      { ...good, contact: "1" },
      { ...good, evntId: "1" },
      { ...good, data: [] },
      { ...good, occurredAt: "yesterday" },
      { ...good, eventId: 7 },
      { ...good, event: "x".repeat(201) },
      '{"event":"go","contact":"0610000001","data":{"a":"\\ud800"}}',
      JSON.stringify({ ...good, data: { text: "x".repeat(1024 * 1024) } }),
      { ...good, data: { text: "\\u0000 is text here" } },
    ]);
    const ran = await runCommand(importCommand, [file], { databaseUrl: s.url, format: "json" });
    expect(ran.exitCode).toBe(3);
    expect(JSON.parse(ran.stdout)).toMatchObject({ lines: 14, stored: 2, rejected: 12 });
    for (const text of [
      ...["line 2: is no JSON", "line 3: is no JSON object", "line 4: event is missing"],
      ...["line 5: contact not found", "line 6: contact is too short"],
      ...["line 7: evntId is not a known field; did you mean eventId?", "line 8: data must be an object"],
      ...["line 9: occurredAt must be a time", "line 10: eventId must be text"],
      ...["line 11: event is longer than 200 characters", "and 2 more"],
    ])
      expect(ran.stderr).toContain(text);
  });

  it("of bad lines only, of nothing and of no file ends with 2 and changes nothing", async () => {
    const s = await setup();
    const other = await s.neighbour();
    const theirs = await other.contact();
    for (const [file, message] of [
      [write(["{", { event: "go", contact: theirs }]), "line 2: contact not found"],
      [write([]), "has no events"],
      [join(folder, "none.ndjson"), "does not exist"],
    ] as const) {
      const ran = await runCommand(importCommand, [file], { databaseUrl: s.url, organization: "jansen" });
      expect([ran.exitCode, ran.stderr]).toEqual([2, expect.stringContaining(message)]);
    }
    expect(await s.query("select from contact_events")).toEqual([]);
  });

  it("as api sets off api triggers", async () => {
    const s = await setup();
    await s.drip({ name: "Api", trigger: { type: "api", event: "start" } });
    await s.contacts(1);
    await importFile(s, write([{ event: "start", contact: "0610000001" }]), "api");
    expect(await s.process()).toEqual({ events: 1, enrolled: 1 });
  });

  it("keeps its memory flat, whatever the file's size", async () => {
    const s = await setup();
    await s.contacts(1);
    const file = write(
      Array.from({ length: 60_000 }, (_, n) => ({
        event: "go",
        contact: "0610000001",
        eventId: `e${n % 10}`,
        data: { text: "x".repeat(500) },
      })),
    );
    const before = process.memoryUsage().rss;
    expect(await importFile(s, file)).toMatchObject({ lines: 60_000, stored: 10 });
    expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(120);
  });
});
