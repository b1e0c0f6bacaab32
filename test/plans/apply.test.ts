import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFolder } from "../../src/plans/folder.ts";
import { applyFiles, planFiles } from "../../src/plans/plan.ts";
import { makeContext } from "../support/context.ts";
import { enrollmentsOf, makeEnrollments } from "../support/drip-factories.ts";
import { makeCampaign, makeContacts, makeSender } from "../support/factories.ts";
import {
  broadcastYaml,
  dripYaml,
  folderOf,
  inWords,
  ruleYaml,
  type Setup,
  setup,
  templateYaml,
} from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { name: "main" });
});

afterAll(() => s.end());

const one = async <R extends object>(sql: string) => (await s.query<R>(sql))[0];

describe("apply", () => {
  it("does what plan says; a second one has nothing to do, and writes nothing", async () => {
    const { folder } = folderOf({ "rule.yaml": ruleYaml("Seen") }, { fixtures: true });
    const plan = await s.planned(folder);
    const first = await s.apply(folder);
    expect(first).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("7 created.") });
    expect(JSON.parse(first.stdout)).toEqual(plan);
    const before = await s.everything();
    const second = await s.apply(folder);
    expect(second.stderr).toBe(`Nothing to do: the database is what ${folder} says.\n`);
    expect(inWords(JSON.parse(second.stdout)).every((line) => line.endsWith(": unchanged"))).toBe(true);
    expect(await s.everything()).toEqual(before);
  });

  it("makes drafts, whose fields it changes later, and starts and activates nothing", async () => {
    const { folder, write } = folderOf({
      "sale.yaml": broadcastYaml("Sale"),
      "leads.yaml": dripYaml("Leads"),
    });
    await s.applied(folder);
    const draft = await one<{ id: string }>("select id from bulk_campaigns where name = 'Sale'");
    write("sale.yaml", `${broadcastYaml("Sale")}sender: main\nrateLimiting: { messagesPerHour: 10 }\n`);
    await s.applied(folder);
    expect(
      await one(
        `select c.id, c.status, c.rate_limiting, s.name as sender from bulk_campaigns c join senders s on s.id = c.sender_id where c.name = 'Sale'`,
      ),
    ).toEqual({
      id: draft?.id,
      status: "draft",
      rateLimiting: { enabled: true, messagesPerHour: 10 },
      sender: "main",
    });
    expect(await one("select status from drip_campaigns where name = 'Leads'")).toEqual({ status: "draft" });
    write("sale.yaml", broadcastYaml("Sale"));
    expect((await s.applied(folder)).at(-1)?.changes).toEqual([
      { path: "rateLimiting.enabled", from: true, to: false },
      { path: "rateLimiting.messagesPerHour", from: 10, to: null },
      { path: "sender", from: "main", to: null },
    ]);
    expect(inWords(await s.planned(folder)).at(-1)).toBe("broadcast Sale: unchanged");
  });

  it("gives an active drip a new version; whoever is in it stays on theirs", async () => {
    const { folder, write } = folderOf({ "active.yaml": dripYaml("Active") });
    await s.applied(folder);
    const drip = await one<{ id: string }>(
      "update drip_campaigns set status = 'active' where name = 'Active' returning id",
    );
    const people = await makeContacts(s.database, s.organization, 2);
    const inside = await makeEnrollments(s.database, drip as { id: string }, people);
    write("active.yaml", dripYaml("Active", "", ["Een", "Anders"]));
    expect(await s.applied(folder)).toMatchObject([{ fromVersion: 1, version: 2, people: 2 }]);
    expect(await one("select current_version from drip_campaigns where name = 'Active'")).toEqual({
      currentVersion: 2,
    });
    const ids = inside.map(({ id }) => id);
    expect((await enrollmentsOf(s.database, ids)).map(({ status }) => status)).toEqual(["active", "active"]);
    expect(await one("select distinct version from drip_enrollments")).toEqual({ version: 1 });
    expect(inWords(await s.planned(folder))).toEqual(["drip Active: unchanged"]);
  });

  it("is all or nothing: where one file is refused, none is done, with 1", async () => {
    await makeCampaign(s.database, s.organization, { name: "Gone" });
    const { folder } = folderOf({
      "gone.yaml": broadcastYaml("Gone"),
      "new.yaml": dripYaml("All or nothing"),
    });
    const before = await s.everything();
    const { stdout, stderr, exitCode } = await s.apply(folder, { yes: true });
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 });
    expect(stderr).toBe(
      `error: ${folder}/gone.yaml: campaign "Gone" is running: only a draft can be changed\nNothing was changed.\n`,
    );
    expect(await s.everything()).toEqual(before);
  });

  it("needs --yes off a terminal before it changes what is there, and says what that is; not for what is new", async () => {
    const { folder, write } = folderOf({ "ask.yaml": ruleYaml("Ask") });
    expect((await s.apply(folder)).exitCode).toBe(0);
    write("ask.yaml", ruleYaml("Ask").replace("seen", "met"));
    write("new.yaml", ruleYaml("Beside"));
    const before = await s.everything();
    const { stdout, stderr, exitCode } = await s.apply(folder);
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
    expect(stderr).toContain('rule "Ask": actions.1.tag: seen → met\n');
    expect(stderr).toContain('this needs --yes when there is no terminal: Change rule "Ask"?');
    expect(await s.everything()).toEqual(before);
    expect(inWords(await s.applied(folder))).toEqual(["rule Ask: changed", "rule Beside: created"]);
  });

  it("leaves a rule asleep that a person disabled, unless the file says otherwise", async () => {
    const { folder, write } = folderOf({ "rule.yaml": ruleYaml("Sleeper") });
    await s.applied(folder);
    await s.query("update automation_rules set enabled = false where name = 'Sleeper'");
    expect(inWords(await s.planned(folder))).toEqual(["rule Sleeper: unchanged"]);
    write("rule.yaml", ruleYaml("Sleeper", "conditions: { tag: vip }\n"));
    expect(await s.applied(folder)).toMatchObject([
      { changes: [{ path: "conditions", from: null, to: { tag: "vip" } }] },
    ]);
    const enabled = () => one("select enabled from automation_rules where name = 'Sleeper'");
    expect(await enabled()).toEqual({ enabled: false });
    write("rule.yaml", ruleYaml("Sleeper", "conditions: { tag: vip }\nenabled: true\n"));
    expect(await s.applied(folder)).toMatchObject([
      { changes: [{ path: "enabled", from: false, to: true }] },
    ]);
    expect(await enabled()).toEqual({ enabled: true });
  });

  it("replaces a template whose text is another", async () => {
    const { folder, write } = folderOf({ "t.yaml": templateYaml("hello", "Hoi") });
    await s.applied(folder);
    write("t.yaml", templateYaml("hello", "Dag"));
    expect(await s.applied(folder)).toMatchObject([
      {
        name: "hello (nl)",
        change: "changed",
        changes: [{ path: "components.1.text", from: "Hoi", to: "Dag" }],
      },
    ]);
  });

  it("knows a sender that a file names by its id, and campaigns and drips written by other means", async () => {
    const sender = await one<{ id: string }>("select id from senders where name = 'main'");
    const { folder } = folderOf({ "by-id.yaml": dripYaml("By id", `sender: ${sender?.id}\n`) });
    await s.applied(folder);
    expect(inWords(await s.planned(folder))).toEqual(["drip By id: unchanged"]);
    await s.query(
      `insert into drip_campaigns (organization_id, name, trigger_type, exit_when) values ('${s.organization.id}', 'Raw', 'manual', '[{"nonsense": 1}]')`,
    );
    const raw = folderOf({ "raw.yaml": dripYaml("Raw") });
    expect(inWords(await s.applied(raw.folder))).toEqual(["drip Raw: changed"]);
    expect(inWords(await s.planned(raw.folder))).toEqual(["drip Raw: unchanged"]);
  });

  it("refuses what is not as it was planned any more, and changes nothing", async () => {
    const { folder, write } = folderOf({ "late.yaml": dripYaml("Late"), "other.yaml": dripYaml("Other") });
    const context = makeContext({ databaseUrl: s.database.url, organization: s.organization.slug });
    const files = await readFolder(folder, await context.organization());
    const plan = await planFiles(context, files);
    write("late.yaml", dripYaml("Late", "", ["Meanwhile"]));
    await s.applied(folder);
    const before = await s.everything();
    await expect(applyFiles(context, files, plan)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining("the database changed meanwhile"),
    });
    expect(await s.everything()).toEqual(before);
  });
});
