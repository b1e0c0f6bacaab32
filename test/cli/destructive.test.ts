import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { worker } from "../../src/db/identity.ts";
import { runCommand } from "../reports/run-command.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";
import { runAdsapp } from "../support/program.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;
let importId: string;

beforeAll(async () => {
  w = await makeWorld();
  const organization = await makeOrganization(w.database, { slug: "jansen" });
  await makeSender(w.database, organization);
  const [contact] = await makeContacts(w.database, organization, 1, { tags: ["leads"] });
  const drip = await makeDrip(w.database, organization, { name: "Leads" });
  await makeEnrollments(w.database, drip, [contact as { id: string }]);
  const sale = await makeCampaign(w.database, organization, { name: "Sale" });
  await makeJobs(w.database, await makeRun(w.database, sale), { failed: 1, unknown: 1 });
  await makeCampaign(w.database, organization, { name: "Draft", status: "draft" });
  const imported = await w.database.transaction(worker, (tx) =>
    tx.one<{ id: string }>(
      "insert into contact_imports (organization_id, file_name, file_hash) values ($1, 'a.csv', 'abc') returning id",
      [organization.id],
    ),
  );
  importId = imported?.id ?? "";
  writeFileSync(
    join(w.home, "leads.yaml"),
    "kind: drip\nname: Leads\nsteps: [ { delay: 0m, message: { type: text, text: Hoi } } ]\n",
  );
});

afterAll(() => w.end());

/** Each command that takes away or sends what cannot be taken back, with words that would do it. */
const DESTRUCTIVE: Record<string, () => string[]> = {
  "migrate down": () => [],
  "org token": () => ["revoke", "webshop"],
  "user remove": () => ["viewer@jansen"],
  "import undo": () => [importId],
  "contact erase": () => ["+31610000001"],
  "campaign cancel": () => ["Sale"],
  "campaign delete": () => ["Draft"],
  "campaign retry": () => ["Sale", "--failed"],
  "drip archive": () => ["Leads"],
  "drip unenroll": () => ["Leads", "--tag", "leads"],
  "drip update": () => ["-f", join(w.home, "leads.yaml"), "--migrate-active"],
  "job resolve": () => ["--campaign", "Sale", "--verdict", "not-sent"],
  apply: () => [w.home],
};

/** Sound like it, and are not: what they do can be taken back, or is asked for by a setting and run by cron. */
const SOFT = ["list remove", "prune"];
/** Refused before it asks, where the database is not the embedded one. */
const EMBEDDED = "db reset";

const SOUNDS_LIKE_IT =
  /\b(reset|down|remove|undo|erase|cancel|delete|retry|archive|unenroll|resolve|prune|purge|drop|destroy|revoke)$/;

describe("a verb that takes away what cannot be brought back", () => {
  it("is one of those below, or can be taken back", () => {
    const sounding = commands.map(({ path }) => path).filter((path) => SOUNDS_LIKE_IT.test(path));
    expect(
      sounding.filter((path) => path !== EMBEDDED && !(path in DESTRUCTIVE) && !SOFT.includes(path)),
    ).toEqual([]);
  });

  it.each(Object.keys(DESTRUCTIVE))("asks, and needs --yes off a terminal: %s", async (path) => {
    const spec = (await commands.find((entry) => entry.path === path)?.load())?.default;
    const before = await everything();
    const ran = await runCommand(spec as never, (DESTRUCTIVE[path] as () => string[])(), {
      databaseUrl: w.url,
      organization: "jansen",
      home: w.home,
    });
    expect({ exitCode: ran.exitCode, stdout: ran.stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(ran.stderr).toMatch(
      /error: this needs --yes when there is no terminal: .*\?.*\nNothing was changed\.\n$/,
    );
    expect(await everything()).toEqual(before);
  });
});

describe("db reset", () => {
  it("asks too", async () => {
    const ran = await runAdsapp(["db", "reset"], { home: w.home });
    expect(ran).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("this needs --yes") });
  });
});

async function everything(): Promise<unknown> {
  const tables =
    "profiles contacts contact_imports bulk_campaigns bulk_message_jobs drip_campaigns drip_campaign_steps drip_enrollments drip_message_logs";
  const digests = tables
    .split(" ")
    .map(
      (table) =>
        `select '${table}' as of, md5(coalesce(string_agg(t::text, '' order by t::text), '')) as rows from ${table} t`,
    );
  return w.database.transaction(worker, (tx) => tx.query(digests.join(" union all ")));
}
