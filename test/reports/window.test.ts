import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { operator } from "../../src/db/identity.ts";
import { UserError } from "../../src/errors.ts";
import { type WindowOptions, windowOf } from "../../src/reports/window.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeOrganization, type TestOrganization } from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let amsterdam: TestOrganization;
let auckland: TestOrganization;

/** The database's clock stands (but for milliseconds) at Thursday 26 November 2026, 23:30 in Amsterdam. */
const NOW = "2026-11-26T22:30:00Z";

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  amsterdam = await makeOrganization(database);
  auckland = await makeOrganization(database, { timezone: "Pacific/Auckland" });
  const offset = `${(Date.parse(NOW) - Date.now()) / 1000} seconds`;
  database.setNowOffset(offset);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const windowFor = (organization: TestOrganization, options: WindowOptions) =>
  database.transaction(operator(organization.profileId), (tx) => windowOf(tx, organization.id, options));

describe("the days of a report", () => {
  it("are today and the 30 days before it, as in the source document's query, unless told otherwise", async () => {
    expect(await windowFor(amsterdam, {})).toEqual({ since: "2026-10-27", until: "2026-11-26" });
  });

  it("are the organization's own: it is Friday in Auckland already", async () => {
    expect(await windowFor(auckland, { days: 0 })).toEqual({ since: "2026-11-27", until: "2026-11-27" });
  });

  it.each<[WindowOptions, string, string]>([
    [{ days: 7 }, "2026-11-19", "2026-11-26"],
    [{ week: true }, "2026-11-23", "2026-11-26"],
    [{ since: "2026-11-01" }, "2026-11-01", "2026-11-26"],
    [{ since: "2024-02-29", until: "2024-03-01" }, "2024-02-29", "2024-03-01"],
    [{ until: "2026-03-01", days: 1 }, "2026-02-28", "2026-03-01"],
    [{ until: "2026-01-15" }, "2025-12-16", "2026-01-15"],
  ])("are, with %o, from %s to %s", async (options, since, until) => {
    expect(await windowFor(amsterdam, options)).toEqual({ since, until });
  });

  it.each<[WindowOptions, RegExp]>([
    [{ since: "2026-02-29" }, /--since "2026-02-29" is not a day/],
    [{ until: "27-11-2026" }, /--until "27-11-2026" is not a day/],
    [{ since: "yesterday" }, /not a day/],
    [{ since: "2026-11-27" }, /--since 2026-11-27 is later than today \(2026-11-26\)/],
    [{ since: "2026-11-02", until: "2026-11-01" }, /later than --until \(2026-11-01\)/],
    [{ since: "2026-11-01", days: 3 }, /--since and --days each say where the report begins/],
    [{ week: true, days: 3 }, /--days and --week/],
    [{ week: true, until: "2026-11-01" }, /--week ends today/],
  ])("are refused as %o", async (options, message) => {
    const asked = windowFor(amsterdam, options);
    await expect(asked).rejects.toThrow(UserError);
    await expect(asked).rejects.toThrow(message);
    await expect(asked).rejects.toMatchObject({ exitCode: 2 });
  });
});
