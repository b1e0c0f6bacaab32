import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { owner, worker } from "../../src/db/identity.ts";
import { dutchContactsCsv, FIXTURE } from "../support/dutch-contacts.ts";
import { until } from "../support/until.ts";
import { counts, type Setup, setup, sum } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

const HEADER = "mobiel;voornaam;opt_out";

const WAITING =
  "select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

/** Somebody waits for a lock that another transaction of this database holds. */
const someoneWaits = () =>
  until("an import that waits", async () => {
    const found = await s.database.transaction(owner, (tx) => tx.one<{ n: number }>(WAITING));
    return (found?.n ?? 0) > 0;
  });

/** Makes a contact as a webhook would, and commits when an import waits for it. */
async function whileSomeoneElseAdds(organizationId: string, phone: string, work: () => Promise<unknown>) {
  let begun: Promise<unknown> = Promise.resolve();
  await s.database.transaction(worker, async (tx) => {
    await tx.run("insert into contacts (organization_id, phone, first_name) values ($1, $2, 'Webhook')", [
      organizationId,
      phone,
    ]);
    begun = work();
    begun.catch(() => {});
    await someoneWaits();
  });
  return begun;
}

describe("imports at once", () => {
  it("of the same file make one contact a phone, and each adds up", async () => {
    const { importFile, people } = await s.tenant();
    const path = s.write(dutchContactsCsv());
    const reports = await Promise.all(Array.from({ length: 4 }, () => importFile(path)));
    for (const report of reports) expect(sum(report)).toBe(report.rows);
    expect(reports.map(({ created }) => created).sort((a, b) => b - a)).toEqual([FIXTURE.people, 0, 0, 0]);
    const known = await people();
    expect(known).toHaveLength(FIXTURE.people);
    expect(new Set(known.map(({ phone }) => phone)).size).toBe(FIXTURE.people);
    expect(known.filter(({ optedOutAt }) => optedOutAt !== null)).toHaveLength(FIXTURE.optedOut);
  });

  it("of several files lose no opt-out, in whatever order they merge", async () => {
    const { importLines, people } = await s.tenant();
    const phones = Array.from({ length: 300 }, (_, n) => `06${12_345_000 + n}`);
    const files = [0, 1, 2].map((part) =>
      phones.map((phone, n) => `${phone};Bestand ${part};${n % 3 === part ? "ja" : "nee"}`),
    );
    await Promise.all(
      files.map((lines, part) => importLines([HEADER, ...(part === 1 ? lines.reverse() : lines)])),
    );
    const known = await people();
    expect(known).toHaveLength(phones.length);
    expect(known.filter(({ optedOutAt }) => optedOutAt === null)).toEqual([]);
  });

  it("skip or update, lose no opt-out", async () => {
    const { importLines, people } = await s.tenant();
    const phones = Array.from({ length: 300 }, (_, n) => `06${12_345_000 + n}`);
    await Promise.all([
      importLines([HEADER, ...phones.map((phone) => `${phone};Jan;`)]),
      importLines([HEADER, ...phones.map((phone) => `${phone};Eva;ja`)], { onDuplicate: "skip" }),
    ]);
    expect((await people()).filter(({ optedOutAt }) => optedOutAt === null)).toEqual([]);
  });
});

describe("a contact that a webhook makes while its row is imported", () => {
  const file = [HEADER, "0612345671;Jan;ja", "0612345672;Eva;nee"];

  it("is updated: its opt-out and its tag are not lost", async () => {
    const { importLines, people, organization } = await s.tenant();
    const report = await whileSomeoneElseAdds(organization.id, "+31612345671", () =>
      importLines(file, { tags: ["vip"] }),
    );
    expect(counts(report as never)).toMatchObject({ rows: 2, created: 1, updated: 1, unchanged: 0 });
    expect(await people()).toMatchObject([
      { firstName: "Jan", tags: ["vip"], optedOutAt: expect.any(Date) },
      { firstName: "Eva", tags: ["vip"], optedOutAt: null },
    ]);
  });

  it("is left alone by skip, but for its opt-out", async () => {
    const { importLines, people, organization } = await s.tenant();
    const report = await whileSomeoneElseAdds(organization.id, "+31612345671", () =>
      importLines(file, { tags: ["vip"], onDuplicate: "skip" }),
    );
    expect(counts(report as never)).toMatchObject({ rows: 2, created: 1, updated: 1, skipped: 0 });
    expect(await people()).toMatchObject([
      { firstName: "Webhook", tags: [], optedOutAt: expect.any(Date) },
      { firstName: "Eva", tags: ["vip"] },
    ]);
  });

  it("makes an import fail that takes new people only", async () => {
    const { importLines, people, organization } = await s.tenant();
    const running = whileSomeoneElseAdds(organization.id, "+31612345671", () =>
      importLines(file, { onDuplicate: "fail" }),
    );
    await expect(running).rejects.toMatchObject({
      exitCode: 1,
      message: "1 people of the file are contacts already (the first at line 2)",
    });
    expect(await people()).toMatchObject([{ firstName: "Webhook", optedOutAt: null }]);
  });
});
