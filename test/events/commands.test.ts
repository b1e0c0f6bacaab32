import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { CommandSpec } from "../../src/cli/command.ts";
import emit from "../../src/events/event-emit.command.ts";
import importEvents from "../../src/events/event-import.command.ts";
import create from "../../src/events/rule-create.command.ts";
import disable from "../../src/events/rule-disable.command.ts";
import enable from "../../src/events/rule-enable.command.ts";
import list from "../../src/events/rule-list.command.ts";
import { runCommand } from "../reports/run-command.ts";
import { type Setup, setup } from "./setup.ts";

const folder = mkdtempSync(join(tmpdir(), "adsapp-rules-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const run = (s: Setup, spec: CommandSpec<never[], never>, argv: string[], user?: string) =>
  runCommand(spec, argv, {
    databaseUrl: s.url,
    organization: "jansen",
    format: "json",
    ...(user === undefined ? {} : { user }),
  });

const RULE = `kind: rule
name: Lead in de drip
trigger: { type: tag_added, tag: leads }
conditions: { not: { tag: customer } }
actions:
  - { type: enroll_drip_campaign, campaign: Nieuwe Lead Opvolging, skipIfAlreadyEnrolled: true }
  - { type: add_tag, tag: opgevolgd }
`;

describe("rule create", () => {
  it("makes a rule that acts from the next tick on", async () => {
    const s = await setup();
    await s.drip({ name: "Nieuwe Lead Opvolging" });
    const made = await run(s, create, ["-f", write("rule.yaml", RULE)]);
    expect([made.exitCode, made.stderr]).toEqual([0, ""]);
    expect(JSON.parse(made.stdout)).toMatchObject({
      name: "Lead in de drip",
      when: "tag_added leads",
      does: "enroll_drip_campaign Nieuwe Lead Opvolging, add_tag opgevolgd",
      enabled: true,
    });
    const lead = await s.contact();
    await s.tag(lead, "leads");
    await s.process();
    expect(await s.enrollmentsOf(lead)).toEqual(["Nieuwe Lead Opvolging active"]);
    expect(await s.tagsOf(lead)).toEqual(["leads", "opgevolgd"]);
  });

  it("says at once which drips and agents nobody knows, with the near names", async () => {
    const s = await setup();
    await s.drip({ name: "Nieuwe Lead Opvolgen" });
    const other = await s.neighbour();
    await other.drip({ name: "Nieuwe Lead Opvolging" });
    const text = `${RULE}  - { type: assign, agent: cli@jansem }\n`;
    const made = await run(s, create, ["-f", write("strange.yaml", text)]);
    expect(made.exitCode).toBe(0);
    expect(made.stderr).toContain(
      'there is no drip "Nieuwe Lead Opvolging"; did you mean "Nieuwe Lead Opvolgen"?',
    );
    expect(made.stderr).toContain('there is no agent "cli@jansem"; did you mean "cli@jansen"?');
  });

  it("tells every fault with its line and column, and changes nothing", async () => {
    const s = await setup();
    const file = write(
      "faults.yaml",
      `kind: rule
name: ""
trigger: { type: tag_aded, tag: leads }
conditions: { tagg: customer }
actions:
  - { type: enroll_drip_campaign }
  - { type: add_tag, tags: x }
  - { type: assign, agent: Anna }
`,
    );
    const { exitCode, stderr } = await run(s, create, ["-f", file]);
    expect(exitCode).toBe(2);
    for (const fault of [
      "faults.yaml:2:7: name: is empty",
      "faults.yaml:3:18: trigger.type: tag_aded is none of contact_created, tag_added, custom_event, message_received; did you mean tag_added?",
      "faults.yaml:4:15: conditions.tagg is not a known field; did you mean tag?",
      "faults.yaml:6:5: actions.0: name one drip: campaign, or campaign_id",
      "faults.yaml:7:22: actions.1.tags is not a known field; did you mean tag?",
      "faults.yaml:8:28: actions.2.agent: write the agent's e-mail",
    ])
      expect(stderr).toContain(fault);
    expect(await s.query("select from automation_rules")).toEqual([]);
  });

  it("refuses a name that is taken, and takes one that is alike with --if-not-exists", async () => {
    const s = await setup();
    const file = write("twice.yaml", RULE);
    await run(s, create, ["-f", file]);
    expect((await run(s, create, ["-f", file])).exitCode).toBe(1);
    expect((await run(s, create, ["-f", file, "--if-not-exists"])).exitCode).toBe(0);
    const other = write("other.yaml", RULE.replace("tag: leads", "tag: lead"));
    const refused = await run(s, create, ["-f", other, "--if-not-exists"]);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("that is different")]);
  });
});

describe("rule list, enable and disable", () => {
  it("show the rules, put one to sleep and wake it", async () => {
    const s = await setup();
    await s.rule({
      name: "Go",
      trigger: { type: "custom_event", event: "go" },
      actions: [{ type: "add_tag", tag: "x" }],
    });
    const other = await s.neighbour();
    await other.rule({ name: "Theirs", trigger: { type: "contact_created" }, actions: [] });
    const someone = await s.contact();
    expect((await run(s, disable, ["Go"])).exitCode).toBe(0);
    await s.emit(someone, "go");
    await s.process();
    expect(await s.tagsOf(someone)).toEqual([]);
    expect(JSON.parse((await run(s, list, [])).stdout)).toMatchObject([
      { name: "Go", when: "custom_event go", does: "add_tag x", enabled: false },
    ]);
    expect((await run(s, enable, ["Go"])).exitCode).toBe(0);
    await s.emit(someone, "go");
    await s.process();
    expect(await s.tagsOf(someone)).toEqual(["x"]);
    const unknown = await run(s, enable, ["Theirs"]);
    expect([unknown.exitCode, unknown.stderr]).toEqual([
      4,
      expect.stringContaining('rule "Theirs" not found'),
    ]);
  });
});

describe("event emit", () => {
  it("tells an event of a contact, once for each event id", async () => {
    const s = await setup();
    await s.drip({
      name: "Cart",
      trigger: { type: "custom_event", event: "cart_left", where: { shop: "nl" } },
    });
    const [someone] = await s.contacts(1);
    const argv = ["cart_left", "--contact", "06 10000001", "--data", '{"shop":"nl"}', "--event-id", "e1"];
    expect(JSON.parse((await run(s, emit, argv)).stdout)).toEqual({ stored: 1, duplicates: 0 });
    expect(JSON.parse((await run(s, emit, argv)).stdout)).toEqual({ stored: 0, duplicates: 1 });
    expect(await s.process()).toEqual({ events: 1, enrolled: 1 });
    expect(await s.enrollmentsOf(someone?.id as string)).toEqual(["Cart active"]);
  });

  it("sets off api triggers with --type api, of several contacts by phone, user id and id", async () => {
    const s = await setup();
    await s.drip({ name: "Api", trigger: { type: "api", event: "start" } });
    const [byPhone, byId, byUserId] = await s.contacts(3);
    await s.query("update contacts set bsuid = 'NL.abc123' where id = $1", [byUserId?.id]);
    const ran = await run(s, emit, [
      "start",
      "--type",
      "api",
      "--contact",
      byPhone?.phone as string,
      byId?.id as string,
      "NL.abc123",
    ]);
    expect(JSON.parse(ran.stdout)).toEqual({ stored: 3, duplicates: 0 });
    expect(await s.process()).toEqual({ events: 3, enrolled: 3 });
  });

  it.each([
    [["go", "--contact", "+31610000009"], 4, 'contact "+3161•••••09" not found'],
    [["go", "--contact", "06 10000001", "06 10000009"], 4, 'contact "06 10000009" not found'],
    [["go", "--contact", "nobody"], 2, "contact has letters in it"],
    [["go", "--contact", "06 10000001", "--data", "[1]"], 2, "data must be an object"],
    [["go", "--contact", "06 10000001", "--data", "{"], 2, "--data must be a JSON object"],
    [["go", "--contact", "06 10000001", "--data", '{"a":"\\u0000"}'], 2, "a character in it that is none"],
    [[" ", "--contact", "06 10000001"], 2, "event is empty"],
    [["go", "--contact", "06 10000001", "06 10000001", "--event-id", "x"], 2, "names one event"],
  ])("refuses %j and stores nothing", async (argv, exitCode, message) => {
    const s = await setup();
    await s.contacts(1);
    const ran = await run(s, emit, argv);
    expect([ran.exitCode, ran.stderr]).toEqual([exitCode, expect.stringContaining(message)]);
    expect(await s.query("select from contact_events")).toEqual([]);
  });
});

it("a viewer may list rules, and is refused everything that writes", async () => {
  const s = await setup();
  await s.contacts(1);
  await s.rule({ name: "Go", trigger: { type: "contact_created" }, actions: [] });
  const events = write("viewer.ndjson", '{"event":"go","contact":"0610000001"}\n');
  const viewer = (spec: CommandSpec<never[], never>, ...argv: string[]) =>
    run(s, spec, argv, "viewer@jansen");
  expect((await viewer(list)).exitCode).toBe(0);
  for (const [spec, ...argv] of [
    [create, "-f", write("viewer.yaml", RULE)],
    [enable, "Go"],
    [disable, "Go"],
    [emit, "go", "--contact", "0610000001"],
    [importEvents, events],
  ] as [CommandSpec<never[], never>, ...string[]][])
    expect((await viewer(spec, ...argv)).exitCode).toBe(5);
  expect(await s.query("select from contact_events")).toEqual([]);
  expect(await s.query("select enabled from automation_rules")).toEqual([{ enabled: true }]);
});
