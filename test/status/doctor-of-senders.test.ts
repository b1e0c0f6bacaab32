import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { workFindings } from "../../src/status/doctor/doctor.ts";
import type { Finding } from "../../src/status/doctor/finding.ts";
import senderTest from "../../src/status/doctor/sender-test.command.ts";
import { runCommand } from "../reports/run-command.ts";
import { apiThat, refuse } from "../sending/dispatching.ts";
import {
  makeCampaign,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  makeTemplate,
} from "../support/factories.ts";
import {
  change,
  database,
  diagnosed,
  found,
  organization,
  patient,
  TOKEN,
  test,
  ticked,
  usePatient,
} from "./patient.ts";

usePatient();

/** Of the test's sender. */
const changeSender = (set: string) =>
  change(`update senders set ${set} where organization_id = $1`, [organization.id]);

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

  it("is what sender test tells of one alone, which sends nothing and ends with 1 when it could not", async () => {
    await cloud();
    await makeSender(database, organization, { name: "second", provider: "log" });
    const asked = (name: string, env: NodeJS.ProcessEnv = { WHATSAPP_TOKEN: TOKEN }) =>
      runCommand(senderTest, [name], {
        databaseUrl: test.url,
        organization: organization.slug,
        format: "json",
        env,
      });
    const well = await asked("main");
    expect(well.exitCode).toBe(0);
    const { ok, findings } = JSON.parse(well.stdout);
    expect([ok, new Set(findings.map((each: Finding) => each.subject))]).toEqual([
      true,
      new Set([`${organization.slug}/main`]),
    ]);
    expect(findings).toContainEqual(
      expect.objectContaining({ check: "token", found: expect.stringContaining("the token is taken") }),
    );
    const without = await asked("main", {});
    expect(without.exitCode).toBe(1);
    expect(JSON.parse(without.stdout)).toMatchObject({ ok: false });
    expect(await asked("second", {})).toMatchObject({ exitCode: 0 });
    expect(await asked("secnd")).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('Did you mean "second"?'),
    });
  });
});
