import { mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { owner } from "../../src/db/identity.ts";
import { during, watch } from "../faults/processes.ts";
import { startAdsapp } from "../support/program.ts";
import { until } from "../support/until.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

const PEOPLE = 3_000;
const file = () =>
  s.write(
    `mobiel;voornaam;tags\n${Array.from({ length: PEOPLE }, (_, n) => `06${20_000_000 + n};Naam ${n};nieuw\n`).join("")}`,
  );

const sessions = async () =>
  (
    await s.database.transaction(owner, (tx) =>
      tx.one<{ n: number }>(
        "select count(*) as n from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'",
      ),
    )
  )?.n;

it.each([
  ["killed while its rows are merged", "contacts", "SIGKILL"],
  ["killed when everyone is in and tags are added", "contact_tags", "SIGKILL"],
  ["told to stop", "contacts", "SIGTERM"],
  ["interrupted", "contacts", "SIGINT"],
] as const)("an import %s leaves nothing, and can be done again", async (_when, table, signal) => {
  const tenant = await s.tenant();
  const before = await s.everything();
  const path = file();
  const place = mkdtempSync(join(s.folder, "rejects-"));
  const words = ["contact", "import", path, "--rejects", join(place, "rejects.csv")];
  const env = { ADSAPP_ORG: tenant.organization.slug };
  let killed: ReturnType<typeof watch> | undefined;
  await s.database.transaction(owner, async (tx) => {
    await tx.run(`lock table ${table} in share row exclusive mode`); // its statement waits there
    killed = watch(startAdsapp(words, { databaseUrl: s.url, home: s.folder, env }));
    await during(killed, "the import waits in the middle of its work", async () => {
      const row = await s.database.transaction(owner, (other) =>
        other.one<{ n: number }>(
          "select count(*) as n from pg_locks where not granted and relation = $1::regclass",
          [table],
        ),
      );
      return (row?.n ?? 0) > 0;
    });
    killed.child.kill(signal);
    expect((await killed.ended).code).toBe(signal);
  });
  if (signal !== "SIGKILL") expect(readdirSync(place)).toEqual([]);
  await until("the server has let go of its session", async () => (await sessions()) === 0);
  expect(await s.everything()).toEqual(before);
  expect(await tenant.importFile(path)).toMatchObject({ rows: PEOPLE, created: PEOPLE });
});
