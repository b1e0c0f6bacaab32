import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { worker } from "../../src/db/identity.ts";
import { readExisting } from "../../src/plans/existing.ts";
import { readFolder } from "../../src/plans/folder.ts";
import { applyDefinition } from "../../src/plans/kinds.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
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
  await makeContacts(s.database, s.organization, 3, { tags: ["vip"] });
  await makeContacts(s.database, s.organization, 1, { tags: ["vip"], blockedAt: new Date() });
});

afterAll(() => s.end());

describe("plan", () => {
  it("says what is new in a folder, in an order in which each finds what it names, and writes nothing", async () => {
    const { folder } = folderOf({ "rule.yml": ruleYaml("Seen") }, { fixtures: true });
    const before = await s.everything();
    const plan = await s.planned(folder);
    expect(inWords(plan)).toEqual([
      "template aanbieding (nl): created",
      "template black_friday (nl): created",
      "template hulp_nodig (nl): created",
      "template welkom (nl): created",
      "drip Nieuwe Lead Opvolging: created",
      "rule Seen: created",
      "broadcast Black Friday Sale: created",
    ]);
    expect(plan[4]).toMatchObject({ version: 1, fromVersion: null, people: 0, warnings: [] });
    expect(await s.everything()).toEqual(before);
  });

  it("says which fields and steps are others, from which version, and who is in the drip", async () => {
    const steps = ["Een", "Twee", "Drie", "Vier"];
    const { folder, write } = folderOf({
      "leads.yaml": dripYaml("Leads", "settings: { maxAttempts: 2 }\n", steps),
    });
    await s.applied(folder);
    const [row] = await s.query<{ id: string }>(
      "update drip_campaigns set status = 'active' where name = 'Leads' returning id",
    );
    await makeEnrollments(
      s.database,
      row as { id: string },
      await makeContacts(s.database, s.organization, 2),
    );
    const changed = ["Nul", "Een", "Anders", "Drie"];
    write("leads.yaml", dripYaml("Leads", 'settings: { quietHours: ["22:00", "08:00"] }\n', changed));
    const before = await s.everything();
    expect(await s.planned(folder)).toEqual([
      {
        file: join(folder, "leads.yaml"),
        kind: "drip",
        name: "Leads",
        change: "changed",
        status: "active",
        changes: [
          { path: "settings.quietHours", from: null, to: ["22:00", "08:00"] },
          { path: "settings.maxAttempts", from: 2, to: null },
          { path: "steps.1", from: null, to: says("Nul") },
          { path: "steps.3.message.text", from: "Twee", to: "Anders" },
          { path: "steps.4", from: says("Vier"), to: null },
        ],
        fromVersion: 1,
        version: 2,
        people: 2,
        audience: null,
        willBeSent: null,
        refused: null,
        warnings: [],
      },
    ]);
    expect(await s.everything()).toEqual(before);
  });

  it("counts the audience of a broadcast that is new or changed, and of no other", async () => {
    const vips = (more: string) =>
      broadcastYaml("Vips", `targetAudience: { type: tags, tags: [vip] }\n${more}`);
    const { folder, write } = folderOf({ "vips.yaml": vips("") });
    expect(await s.planned(folder)).toMatchObject([{ change: "created", audience: 4, willBeSent: 3 }]);
    await s.applied(folder);
    expect(await s.planned(folder)).toMatchObject([{ change: "unchanged", audience: null }]);
    write("vips.yaml", vips("settings: { holdout: 50 }\n"));
    expect(await s.planned(folder)).toMatchObject([
      {
        change: "changed",
        audience: 4,
        willBeSent: 1,
        changes: [{ path: "settings.holdout", from: null, to: 50 }],
      },
    ]);
  });

  it("refuses what a started campaign and an archived drip do not allow, with 1, and plans the rest", async () => {
    await makeCampaign(s.database, s.organization, { name: "Gone" });
    await makeDrip(s.database, s.organization, { name: "Over", status: "archived" });
    const { folder } = folderOf({
      "gone.yaml": broadcastYaml("Gone"),
      "over.yaml": dripYaml("Over"),
      "sender.yaml": dripYaml("Senderless", "sender: mian\n"),
      "fresh.yaml": dripYaml("Fresh"),
    });
    const { stdout, stderr, exitCode } = await s.plan(folder);
    expect(exitCode).toBe(1);
    const rows = JSON.parse(stdout) as { name: string; change: string; refused: string | null }[];
    expect(rows.map(({ name, change, refused }) => [name, change, refused])).toEqual([
      ["Fresh", "created", null],
      ["Over", "refused", 'drip "Over" is archived: it cannot be changed'],
      ["Senderless", "refused", 'sender "mian" not found'],
      ["Gone", "refused", 'campaign "Gone" is running: only a draft can be changed'],
    ]);
    expect(stderr).toContain(`${join(folder, "gone.yaml")}: campaign "Gone" is running`);
    expect(stderr).toContain("By adsapp apply: 1 created, 3 refused.");
  });

  it("finds in the folder what another file of it names: an active drip may take a template that is new", async () => {
    await makeDrip(s.database, s.organization, { name: "Live", trigger: { type: "manual" } });
    const step = "{ delay: 0m, message: { type: template, template: brandnew, language: nl } }";
    const live = `kind: drip\nname: Live\nsteps: [ ${step} ]\n`;
    const alone = folderOf({ "live.yaml": live });
    expect((await s.plan(alone.folder)).exitCode).toBe(1);
    const both = folderOf({ "live.yaml": live, "template.yaml": templateYaml("brandnew") });
    expect(inWords(await s.planned(both.folder))).toEqual([
      "template brandnew (nl): created",
      "drip Live: changed",
    ]);
  });

  it("reads as a table with a line a change, and as CSV and NDJSON with a row a file", async () => {
    const { folder, write } = folderOf({ "table.yaml": dripYaml("Table"), "rest.yaml": ruleYaml("Rest") });
    await s.applied(folder);
    write("table.yaml", dripYaml("Table", "settings: { stopOnReply: false }\n", ["Een", "Twee", "Drie"]));
    const table = await s.plan(folder, { format: "table" });
    expect(table.stdout.split("\n").map((line) => line.split(/ {2,}/))).toEqual([
      ["Kind", "Name", "Change", "Field", "From", "To", "Version", "In it", "Audience"],
      ["drip", "Table", "changed", "settings.stopOnReply", "–", "false", "1 → 2", "0", "–"],
      [
        "drip",
        "Table",
        "changed",
        "steps.3",
        "–",
        expect.stringMatching(/^\{"delay":\{"type":"days".*…$/),
        "–",
        "–",
        "–",
      ],
      ["rule", "Rest", "unchanged", "–", "–", "–", "–", "–", "–"],
      [""],
    ]);
    const csv = await s.plan(folder, { format: "csv" });
    expect(csv.stdout.trimEnd().split("\n")).toHaveLength(3);
    expect(csv.stdout).toMatch(/^file,kind,name,change,status,changes,from_version,version,people,audience/);
    const ndjson = await s.plan(folder, { format: "ndjson" });
    expect(
      ndjson.stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).name),
    ).toEqual(["Table", "Rest"]);
  });

  it("knows nothing of another organization", async () => {
    await makeDrip(s.database, s.other, { name: "Theirs" });
    await makeSender(s.database, s.other, { name: "theirs" });
    const { folder } = folderOf({
      "theirs.yaml": dripYaml("Theirs"),
      "sender.yaml": dripYaml("Senderless", "sender: theirs\n"),
    });
    const { stdout } = await s.plan(folder);
    expect(inWords(JSON.parse(stdout))).toEqual(["drip Senderless: refused", "drip Theirs: created"]);
  });

  it("is for viewers too, who get the same answer, and may not apply it", async () => {
    await makeDrip(s.database, s.organization, { name: "Read" });
    const { folder } = folderOf({
      "a.yaml": dripYaml("Read", "", ["Anders"]),
      "b.yaml": broadcastYaml("Read"),
      "c.yaml": ruleYaml("Read"),
      "d.yaml": templateYaml("read"),
      "e.yaml": broadcastYaml("Gone"),
    });
    const before = await s.everything();
    const user = `viewer@${s.organization.slug}`;
    expect(await s.plan(folder, { user })).toEqual(await s.plan(folder));
    expect(await s.apply(folder, { user, yes: true })).toMatchObject({ exitCode: 5, stdout: "" });
    expect(await s.everything()).toEqual(before);
  });

  it("asks the database once for a whole folder, however many of its files are there already", async () => {
    const many = Array.from({ length: 20 }, (_, n) => [`${n}.yaml`, dripYaml(`Many ${n}`, "sender: main\n")]);
    const { folder } = folderOf({ ...Object.fromEntries(many), "rule.yaml": ruleYaml("Of many") });
    await s.applied(folder);
    const files = await readFolder(folder, { defaultCountry: "NL" });
    const definitions = files.map(({ definition }) => definition);
    const queries = await s.database.transaction(worker, async (tx) => {
      const query = vi.spyOn(tx.client, "query");
      const { id } = s.organization;
      const existing = await readExisting(tx, id, definitions);
      for (const each of definitions)
        expect(await applyDefinition(tx, id, each, existing)).toMatchObject({ change: "unchanged" });
      return query.mock.calls.length;
    });
    expect(queries).toBe(5);
  });
});

describe("a folder", () => {
  it("tells every fault of every file with line and column, with 2", async () => {
    const { folder } = folderOf({
      "a.yaml": "kind: drip\nname: A\nstep: []\nsteps: []\n",
      "b.yaml": broadcastYaml("B").replace("notification", "notificaton"),
      "c.yaml": "kind: brodcast\nname: C\n",
      "d.yaml": "version: 3\nservices: {}\n",
      "e.yml": dripYaml("E"),
      "e2.yaml": dripYaml("E"),
    });
    const before = await s.everything();
    for (const { stdout, stderr, exitCode } of [await s.plan(folder), await s.apply(folder, { yes: true })]) {
      expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 2 });
      expect(
        stderr
          .replaceAll(`${folder}/`, "")
          .replace(/^error: /, "")
          .trimEnd()
          .split("\n"),
      ).toEqual([
        "a.yaml:3:1: step is not a known field; did you mean steps?",
        "a.yaml:4:8: steps: there is no step",
        "b.yaml:3:7: type: notificaton is none of promotional, transactional, notification, survey; did you mean notification?",
        "c.yaml:1:7: kind: brodcast is none of template, drip, rule, broadcast; did you mean broadcast?",
        "d.yaml:1:1: kind is missing",
        'e2.yaml:2:7: drip "E" is in e.yml too',
        "Nothing was changed.",
      ]);
    }
    expect(await s.everything()).toEqual(before);
  });

  it.each([
    ["has no YAML", () => folderOf({ "a.txt": "" }).folder, /holds no \.yaml file/],
    ["does not exist", () => "/nonexistent/campaigns", /\/nonexistent\/campaigns does not exist/],
    ["is a file", () => join(folderOf({ "a.yaml": "" }).folder, "a.yaml"), /a\.yaml is no folder/],
  ])("that %s is one clear error", async (_what, folder, said) => {
    expect(await s.plan(folder())).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(said) });
  });
});

const says = (text: string) => ({ delay: { type: "days", value: 1 }, message: { type: "text", text } });
