import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { showCampaign } from "../../src/campaigns/show.ts";
import { watchCampaign } from "../../src/campaigns/watch.ts";
import { createOutput, type Format } from "../../src/cli/output/index.ts";
import { Database } from "../../src/db/database.ts";
import { operator } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  inPlace,
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  type TestOrganization,
} from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  organization = await makeOrganization(database);
  await makeSender(database, organization);
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

async function makeSale(name: string, status: "running" | "completed" = "running") {
  const campaign = await makeCampaign(database, organization, { name, status });
  await makeJobs(database, await makeRun(database, campaign), { sent: 2, read: 1, failed: 1, pending: 4 });
  return campaign;
}

/** Watches, and lets `change` act after each look, the how-manieth it was. */
async function watch(
  name: string,
  format: Format,
  change: (look: number, stop: AbortController) => Promise<unknown>,
  terminal: { isTTY?: boolean; columns?: number; rows?: number } = {},
): Promise<string> {
  let written = "";
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      written += String(chunk);
      done();
    },
  });
  const out = createOutput({
    stdout: Object.assign(stdout, terminal),
    stderr: stdout,
    format,
    color: false,
    timeZone: "UTC",
    quiet: false,
    verbose: false,
  });
  const stop = new AbortController();
  let look = 0;
  const read = async () => {
    await change(look++, stop);
    return database.transaction(operator(organization.profileId), (tx) =>
      showCampaign(tx, organization.id, name),
    );
  };
  await watchCampaign(read, out, stop.signal);
  return written;
}

const set = (id: string, what: string) =>
  inPlace(database, (tx) => tx.run(`update bulk_campaigns set ${what} where id = $1`, [id]));

describe("campaign show --watch", () => {
  it("off a terminal gives a line for each change, and ends when the campaign is done", async () => {
    const { id } = await makeSale("Lines");
    const text = await watch("Lines", "table", async (look) => {
      if (look === 2) await set(id, "status = 'cancelled', cancelled_at = adsapp_now()");
    });
    const counts = "4 of 8 settled, sent 3, delivered 1, read 1, replies 0, failed 1, skipped 0";
    expect(text).toBe(`running: ${counts}\ncancelled: ${counts}\n`);
  });

  it("as NDJSON gives the whole campaign for each change", async () => {
    await makeSale("Data", "completed");
    const line = JSON.parse(await watch("Data", "ndjson", async () => {}));
    expect(line).toMatchObject({ name: "Data", status: "completed", byStatus: { pending: 4, failed: 1 } });
  });

  it("on a terminal draws over itself, within its width and height", async () => {
    const { id } = await makeSale("\u001b[31mLive and with a name that is longer than forty cells");
    const terminal = { isTTY: true, columns: 40, rows: 12 };
    const text = await watch(
      id,
      "table",
      async (look) => {
        if (look === 1) await set(id, "status = 'cancelled', cancelled_at = adsapp_now()");
      },
      terminal,
    );
    const [first = "", second = "", ...more] = text.split("\u001b[11A\u001b[J");
    expect(more).toEqual([]);
    for (const frame of [first, second]) {
      const lines = frame.trimEnd().split("\n");
      expect(lines.length).toBeLessThanOrEqual(11);
      for (const line of lines) expect([...line].length).toBeLessThan(40);
      expect(lines[0]).toContain("\\x1b[31mLive");
    }
    expect(first).toContain("█".repeat(20));
    expect(first).not.toContain("\u001b");
  });

  it("ends when it is interrupted", async () => {
    await makeSale("Interrupted");
    const text = await watch("Interrupted", "table", async (look, stop) => {
      if (look === 0) stop.abort();
    });
    expect(text).toMatch(/^running: .*\n$/);
  });

  it("refuses formats that are one document", async () => {
    await expect(watch("Interrupted", "json", async () => {})).rejects.toThrow(
      "--watch has no end that --format json",
    );
    await expect(watch("Interrupted", "csv", async () => {})).rejects.toMatchObject({ exitCode: 2 });
  });
});
