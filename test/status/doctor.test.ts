import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { Database } from "../../src/db/database.ts";
import { owner, worker } from "../../src/db/identity.ts";
import { migrateDown } from "../../src/db/migrate.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import command from "../../src/status/doctor/doctor.command.ts";
import { type Diagnosis, diagnose, workFindings } from "../../src/status/doctor/doctor.ts";
import type { Finding } from "../../src/status/doctor/finding.ts";
import { diskFinding, nodeFinding } from "../../src/status/doctor/host.ts";
import { schemaFinding } from "../../src/status/doctor/schema.ts";
import { serverFindings, skewFinding } from "../../src/status/doctor/server.ts";
import { runCommand } from "../reports/run-command.ts";
import { apiThat, refuse } from "../sending/dispatching.ts";
import { createTestDatabase } from "../support/database.ts";
import {
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  makeTemplate,
  type TestOrganization,
} from "../support/factories.ts";

const TOKEN = `EAA${"G1h2".repeat(20)}`;
const ENV = {
  WHATSAPP_TOKEN: TOKEN,
  ADSAPP_WEBHOOK_APP_SECRET: "0123456789abcdef0123456789abcdef",
  ADSAPP_WEBHOOK_VERIFY_TOKEN: "a word",
  ADSAPP_HOME: "/nonexistent",
};

let test: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;

beforeAll(async () => {
  test = await createTestDatabase();
  database = new Database({ url: test.url });
});

afterAll(async () => {
  await database.close();
  await test.drop();
});

/** Each test has an organization of its own; the heartbeat and the inbox are shared, so they start empty. */
beforeEach(async () => {
  await change("delete from tick_runs");
  await change("delete from webhook_inbox");
  organization = await makeOrganization(database);
});

const change = (sql: string, parameters: readonly unknown[] = []) =>
  database.transaction(owner, (tx) => tx.run(sql, parameters));

/** Of the test's sender. */
const changeSender = (set: string) =>
  change(`update senders set ${set} where organization_id = $1`, [organization.id]);

function patient(env: NodeJS.ProcessEnv = {}, url = test.url) {
  const given = { ...ENV, DATABASE_URL: url, ...env };
  return {
    config: readConfig(given),
    env: given,
    databaseUrl: async () => url,
    organizationId: async () => organization.id,
    signal: new AbortController().signal,
  };
}

const diagnosed = (env?: NodeJS.ProcessEnv, url?: string): Promise<Diagnosis> => diagnose(patient(env, url));

/** What a check found of what is set up, the database itself left out. */
async function found(check: string, env: NodeJS.ProcessEnv = {}): Promise<Finding | undefined> {
  return (await workFindings(database, patient(env))).find((each) => each.check === check);
}

const ticked = (minutes: string) =>
  change(
    `insert into tick_runs (host, pid, started_at, finished_at)
     select 'web1', 1, date_trunc('minute', adsapp_now()) - make_interval(mins => m), adsapp_now() from generate_series(0, 90) m where ${minutes}`,
  );

describe("the doctor, of a sender of the Cloud API", () => {
  let simulator: Awaited<ReturnType<typeof startSimulator>>;
  beforeAll(async () => {
    simulator = await startSimulator({ token: TOKEN, phoneNumberIds: ["106540352242922"] });
  });
  afterAll(() => simulator.close());

  const cloud = (given: Parameters<typeof makeSender>[2] = {}) =>
    makeSender(database, organization, {
      provider: "whatsapp-cloud",
      apiUrl: `${simulator.url}/v25.0`,
      wabaId: "102290129340398",
      ...given,
    });

  it("finds all well, number by number, where it is", async () => {
    await cloud();
    await changeSender("templates_synced_at = adsapp_now()");
    await change("insert into webhook_inbox (body, processed_at) values ('{}', adsapp_now())");
    await ticked("true");
    const { findings } = await diagnosed();
    const wrong = findings.filter(({ verdict, check }) => verdict !== "ok" && check !== "settings"); // test clusters run without fsync
    expect(wrong.map(({ check }) => check)).toEqual(["logins"]);
    expect(
      findings.map(({ check, subject }) => (subject === null ? check : `${check} of ${subject}`)),
    ).toEqual([
      ...[
        "node",
        "disk",
        "database",
        "version",
        "settings",
        "connections",
        "transactions",
        "clock",
        "schema",
      ],
      ...["roles", "rights", "rights", "logins", "walls", "organization"],
      ...["sender", "token", "quality", "clock", "templates"].map(
        (check) => `${check} of ${organization.slug}/main`,
      ),
      ...[`webhooks of ${organization.slug}/main`, "webhook_secret", "inbox", "ticks"],
    ]);
    expect(findings.find(({ check }) => check === "token")?.found).toMatch(
      /the token is taken; the number is \+\d+ \(Simulator\)/,
    );
    expect(findings.find(({ check }) => check === "quality")?.found).toContain("GREEN");
  });

  it.each<[string, Parameters<typeof makeSender>[2], NodeJS.ProcessEnv, RegExp, RegExp]>([
    [
      "whose token is not there",
      {},
      { WHATSAPP_TOKEN: "" },
      /WHATSAPP_TOKEN is not set/,
      /Set WHATSAPP_TOKEN/,
    ],
    ["whose token is not taken", {}, { WHATSAPP_TOKEN: `${TOKEN}x` }, /190: /, /make a new one/],
    ["whose number is not known", { phoneNumberId: "99" }, {}, /number 99 .*100\/33/, /--phone-number-id/],
    [
      "whose API does not answer",
      { apiUrl: "http://127.0.0.1:9/v25.0" },
      {},
      /ECONNREFUSED/,
      /adsapp doctor/,
    ],
    [
      "whose host is a stranger's",
      { apiUrl: "https://api.example.com/v25.0" },
      {},
      /does not know/,
      /ADSAPP_WHATSAPP_API_URL/,
    ],
  ])("says what mends one %s", async (_which, given, env, says, mend) => {
    await cloud(given);
    const findings = await workFindings(database, patient(env));
    const token = findings.find(({ check }) => check === "token");
    expect(token).toMatchObject({ verdict: "broken", subject: `${organization.slug}/main` });
    expect(token?.found).toMatch(says);
    expect(token?.mend).toMatch(mend);
    expect(JSON.stringify(findings)).not.toContain(TOKEN);
  });

  it("says when its number is rated badly, and its clock is another", async () => {
    const date = new Date(Date.now() - 3_600_000).toUTCString();
    const api = await apiThat((response) => {
      response.writeHead(200, { date });
      response.end(JSON.stringify({ display_phone_number: "+31 6 1", quality_rating: "RED" }));
    });
    await cloud({ apiUrl: `${api.url}/v25.0` });
    const findings = await workFindings(database, patient());
    expect(findings.find(({ check }) => check === "quality")).toMatchObject({
      verdict: "warn",
      found: expect.stringContaining("RED"),
    });
    expect(findings.findLast(({ check }) => check === "clock")).toMatchObject({
      verdict: "warn",
      subject: `${organization.slug}/main`,
      found: expect.stringMatching(/the API's clock and this host's differ by 3(59|60)\d s/),
    });
  });

  it("says when another organization has entered its number, to who looks at all of them", async () => {
    const other = await makeOrganization(database);
    const numbers = async (organizationId: string | undefined) =>
      (await workFindings(database, { ...patient(), organizationId: async () => organizationId })).filter(
        ({ check, subject }) => check === "number" && subject?.endsWith("/shared"),
      );
    await makeSender(database, organization, { name: "shared", phoneNumberId: "106540352247777" });
    expect(await numbers(undefined)).toEqual([]);
    await makeSender(database, other, { name: "shared", phoneNumberId: "106540352247777" });
    expect(await numbers(undefined)).toMatchObject([
      { verdict: "broken", found: expect.stringMatching(/STOP too, waits/) },
      { verdict: "broken", found: expect.stringMatching(/STOP too, waits/) },
    ]);
    expect(await numbers(organization.id)).toEqual([]);
    await change("delete from senders where phone_number_id = '106540352247777'");
  });

  it("says when it is halted, and that Meta asks for patience", async () => {
    const api = await apiThat((response) => refuse(response, 400, 4));
    await cloud({ apiUrl: `${api.url}/v25.0`, haltReason: "131031: locked" });
    expect(await found("sender")).toMatchObject({
      verdict: "broken",
      found: "is halted: 131031: locked",
      mend: expect.stringContaining('adsapp sender resume "main"'),
    });
    expect(await found("token")).toMatchObject({
      verdict: "broken",
      mend: expect.stringContaining("patience"),
    });
  });

  it("says when templates were never synced, long ago, or changed since", async () => {
    await cloud();
    expect(await found("templates")).toMatchObject({ verdict: "warn", mend: "adsapp template sync" });
    await changeSender("templates_synced_at = adsapp_now() - interval '8 days'");
    expect(await found("templates")).toMatchObject({
      verdict: "warn",
      found: expect.stringContaining("were synced"),
    });
    await changeSender("templates_synced_at = adsapp_now()");
    expect(await found("templates")).toMatchObject({ verdict: "ok" });
    await makeTemplate(database, organization);
    await change(
      "update message_templates set stale_at = adsapp_now(), waba_id = '102290129340398' where organization_id = $1",
      [organization.id],
    );
    expect(await found("templates")).toMatchObject({
      verdict: "warn",
      found: expect.stringContaining("changed at Meta"),
    });
  });

  it("says when it sends and no status comes back, and when this host could not take one", async () => {
    await cloud();
    expect(await found("webhooks")).toMatchObject({ verdict: "warn", found: "none was ever seen" });
    await makeJobs(
      database,
      await makeRun(database, await makeCampaign(database, organization)),
      { sent: 3 },
      { ago: "3 hours" },
    );
    expect(await found("webhooks")).toMatchObject({
      verdict: "broken",
      subject: `${organization.slug}/main`,
      mend: expect.stringContaining("webhook serve"),
    });
    expect(await found("webhook_secret", { ADSAPP_WEBHOOK_APP_SECRET: "" })).toMatchObject({
      verdict: "warn",
      found: expect.stringContaining(`${organization.slug}/main`),
    });
    expect(await found("webhook_secret", { ADSAPP_WEBHOOK_VERIFY_TOKEN: "" })).toMatchObject({
      verdict: "warn",
    });
  });
});

describe("the doctor, of what turns around it", () => {
  it("says when no tick runs, when minutes were missed, and when the last one failed", async () => {
    expect(await found("ticks")).toMatchObject({
      verdict: "broken",
      found: "none has run yet",
      mend: expect.stringContaining("adsapp crontab"),
    });
    await ticked("m > 20");
    expect(await found("ticks")).toMatchObject({
      verdict: "broken",
      found: expect.stringMatching(/^none since/),
    });
    await ticked("m in (0, 1, 2, 3, 5)");
    expect(await found("ticks")).toMatchObject({
      verdict: "warn",
      found: "16 minutes of the last day had none",
    });
    await change(
      "update tick_runs set error = 'no connection' where started_at = (select max(started_at) from tick_runs)",
    );
    expect(await found("tick")).toMatchObject({
      verdict: "broken",
      found: "the last one failed: no connection",
    });
  });

  it("says when webhook bodies wait, or could not be applied", async () => {
    await change(
      "insert into webhook_inbox (body, received_at) values ('{}', adsapp_now() - interval '10 minutes')",
    );
    expect(await found("inbox")).toMatchObject({ verdict: "broken", mend: "adsapp tick --only inbox" });
    await change("update webhook_inbox set error = 'not JSON'");
    expect(await found("inbox")).toMatchObject({ verdict: "warn", mend: "adsapp webhook replay" });
  });

  it("says what comes first where nothing is set up", async () => {
    organization = { ...organization, id: randomUUID() };
    expect(await found("organization")).toMatchObject({
      verdict: "broken",
      mend: expect.stringContaining("adsapp org create"),
    });
  });

  it("says when there is no sender, and asks nothing of one that writes to a log", async () => {
    expect(await found("sender")).toMatchObject({
      verdict: "broken",
      mend: expect.stringContaining("adsapp sender add"),
    });
    await makeSender(database, organization);
    expect(await found("token")).toMatchObject({ verdict: "ok", subject: `${organization.slug}/main` });
    expect(await found("webhooks")).toMatchObject({ verdict: "ok" });
  });
});

describe("the doctor, of the database", () => {
  it("says that a schema is behind, newer, edited or not there, and looks no farther", async () => {
    const own = await createTestDatabase();
    const other = new Database({ url: own.url });
    const run = (sql: string) => other.transaction(owner, (tx) => tx.run(sql));
    try {
      await run(
        "update adsapp_migrations set checksum = 'x' where id = (select min(id) from adsapp_migrations)",
      );
      expect((await schemaFinding(own.url)).found).toMatch(/edited/);
      await run("update adsapp_migrations set checksum = null");
      await migrateDown(own.url);
      const { ok, findings } = await diagnosed({}, own.url);
      expect({ ok, last: findings.at(-1) }).toMatchObject({
        ok: false,
        last: { check: "schema", found: expect.stringMatching(/^behind by 1 of/), mend: "adsapp migrate up" },
      });
      await run(
        "insert into adsapp_migrations (name, batch, migration_time) values ('999_future', 9, now())",
      );
      expect((await schemaFinding(own.url)).found).toBe(
        "the database is newer than this program: it has 999_future",
      );
    } finally {
      await other.close();
      await own.drop();
    }
    const bare = test.url.replace(new URL(test.url).pathname, "/postgres");
    expect(await schemaFinding(bare)).toMatchObject({
      verdict: "broken",
      found: "the database has no adsapp schema yet",
      mend: "adsapp migrate up",
    });
  });

  it("says in one finding that it is away, and shows no password", async () => {
    const url = "postgresql://adsapp:geheim-wachtwoord@127.0.0.1:9/adsapp";
    const { ok, findings } = await diagnosed({}, url);
    expect({ ok, last: findings.at(-1) }).toMatchObject({
      ok: false,
      last: { check: "database", verdict: "broken", found: expect.stringContaining("ECONNREFUSED") },
    });
    expect(JSON.stringify(findings)).not.toContain("geheim");
  });

  it("says that it may only be read, or may lose what it was told", async () => {
    const set = (setting: string) => `${test.url}&options=${encodeURIComponent(`-c ${setting}`)}`;
    const settings = async (setting: string) => {
      const other = new Database({ url: set(setting) });
      const { findings } = await serverFindings(other);
      await other.close();
      return findings.find(({ check }) => check === "settings");
    };
    expect(await settings("default_transaction_read_only=on")).toMatchObject({
      verdict: "broken",
      mend: expect.stringContaining("primary"),
    });
    const { fsync } = (await database.transaction(owner, (tx) =>
      tx.one("select current_setting('fsync') as fsync"),
    )) as { fsync: string };
    expect(await settings("synchronous_commit=off")).toMatchObject(
      fsync === "off"
        ? { verdict: "broken", mend: expect.stringContaining("alter system reset fsync") }
        : { verdict: "warn", mend: "alter system reset synchronous_commit" },
    );
  });

  it("says which wall is down", async () => {
    await change("alter table contacts no force row level security");
    const { findings } = await diagnosed();
    await change("alter table contacts force row level security");
    expect(findings.find(({ check }) => check === "walls")).toMatchObject({
      verdict: "broken",
      found: expect.stringContaining("table contacts"),
    });
  });

  it("says when a login may not act as its role", async () => {
    const name = `weak_${process.pid}`;
    await change(`create role ${name} login`);
    try {
      const weak = test.url.replace("adsapp@", `${name}@`);
      const { findings } = await diagnosed({ ADSAPP_WORKER_DATABASE_URL: weak });
      expect(findings.find(({ check }) => check === "rights")).toMatchObject({
        verdict: "broken",
        found: expect.stringContaining("adsapp_worker"),
        mend: expect.stringContaining("ADSAPP_WORKER_DATABASE_URL"),
      });
    } finally {
      await change(`drop role ${name}`);
    }
  });

  it("says whose transaction stays open, and how to end it", async () => {
    const client = new pg.Client({ connectionString: test.url, application_name: "a report" });
    await client.connect();
    await client.query("begin; select 1");
    const { findings } = await serverFindings(database, "0 seconds");
    await client.end();
    expect(findings.find(({ check }) => check === "transactions")).toMatchObject({
      verdict: "warn",
      found: expect.stringMatching(/^a report has had one open/),
      mend: expect.stringMatching(/pg_terminate_backend\(\d+\)/),
    });
  });

  it("tells clocks that differ for a minute and more, in either direction", () => {
    expect(skewFinding("clock", "its clock", 0.4)).toMatchObject({
      verdict: "ok",
      found: expect.stringContaining("less than a second"),
    });
    expect(skewFinding("clock", "its clock", -61)).toMatchObject({
      verdict: "warn",
      found: expect.stringContaining("61 s"),
    });
  });
});

describe("the doctor, of the host", () => {
  it("says when node is too old", () => {
    expect(nodeFinding("20.18.3")).toMatchObject({ verdict: "broken" });
    expect(nodeFinding("20.19.0")).toMatchObject({ verdict: "ok" });
    expect(nodeFinding("24.1.0")).toMatchObject({ verdict: "ok" });
  });

  it("looks at the disk where the state folder is, or will be", async () => {
    expect(await diskFinding("/tmp/not/made/yet", true)).toMatchObject({
      check: "disk",
      found: expect.stringContaining("in /tmp, where"),
    });
  });
});

describe("adsapp doctor", () => {
  const run = (format: "table" | "json", slug?: string) =>
    runCommand(command, [], {
      databaseUrl: test.url,
      format,
      ...(slug === undefined ? {} : { organization: slug }),
    });

  it("ends with 1 when something is broken, and gives JSON of a shape that monitors rely on", async () => {
    const { stdout, exitCode } = await run("json");
    const diagnosis = JSON.parse(stdout);
    expect(exitCode).toBe(1);
    expect(Object.keys(diagnosis)).toEqual(["ok", "findings"]);
    for (const finding of diagnosis.findings)
      expect(Object.keys(finding)).toEqual(["check", "subject", "verdict", "found", "mend"]);
  });

  it("keeps to the organization of --org, and says that it does not exist", async () => {
    const other = await makeOrganization(database);
    await makeSender(database, other, { name: "hun lijn" });
    expect((await run("table", organization.slug)).stdout).not.toContain("hun lijn");
    expect((await run("table")).stdout).toContain(`${other.slug}/hun lijn`);
    expect(await run("table", "nobody")).toMatchObject({ exitCode: 4 });
  });

  it("writes nothing", async () => {
    await makeSender(database, organization);
    const rows = () => database.transaction(worker, (tx) => tx.query("select xmin::text, id from senders"));
    const before = await rows();
    await run("json");
    expect(await rows()).toEqual(before);
    expect(await database.transaction(worker, (tx) => tx.query("select from tick_runs"))).toEqual([]);
  });
});
