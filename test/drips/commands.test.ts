import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import activate from "../../src/drips/activate.command.ts";
import archive from "../../src/drips/archive.command.ts";
import create from "../../src/drips/create.command.ts";
import list from "../../src/drips/list.command.ts";
import pause from "../../src/drips/pause.command.ts";
import update from "../../src/drips/update.command.ts";
import validate from "../../src/drips/validate.command.ts";
import { packageRoot } from "../../src/root.ts";
import templateAdd from "../../src/templates/add.command.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { type Setup, setup } from "./setup.ts";

const LEAD = "Nieuwe Lead Opvolging";
const fixture = (name: string) => join(packageRoot(), "fixtures", name);

let s: Setup;
let folder: string;

beforeAll(async () => {
  s = await setup();
  folder = mkdtempSync(join(tmpdir(), "adsapp-drips-"));
  await makeSender(s.database, s.organization, { provider: "whatsapp-cloud" });
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await s.end();
});

const yaml = (text: string) => {
  const path = join(folder, "drip.yaml");
  writeFileSync(path, text);
  return path;
};
const text = (name: string, steps: string) => yaml(`kind: drip\nname: ${name}\nsteps: [${steps}]\n`);
const STEP = "{ delay: 0m, message: { type: text, text: Hoi } }";

describe("the document's lead sequence, by its commands", () => {
  it("says at once what is missing, is saved all the same, and cannot be activated", async () => {
    const made = await s.run(create, ["-f", fixture("lead.yaml")]);
    expect(made.exitCode).toBe(0);
    expect(JSON.parse(made.stdout)).toEqual({
      id: expect.any(String),
      name: LEAD,
      trigger: "tag_added leads",
      status: "draft",
      version: 1,
      steps: 3,
      pauseReason: null,
    });
    expect(made.stderr.match(/warning: step \d: template "\w+" \(nl\) does not exist/g)).toHaveLength(3);
    expect(await s.run(activate, [LEAD])).toMatchObject({ exitCode: 1 });
    const checked = await s.run(validate, [LEAD]);
    expect(checked.exitCode).toBe(2);
    expect(JSON.parse(checked.stdout)).toHaveLength(3);
  });

  it("is valid with its templates, and goes through its states", async () => {
    for (const name of ["welkom", "hulp-nodig", "aanbieding"])
      await s.run(templateAdd, ["-f", fixture(`template-${name}.yaml`)]);
    expect(await s.run(validate, ["-f", fixture("lead.yaml")], { format: "table" })).toMatchObject({
      exitCode: 0,
      stderr: `"${LEAD}" is valid.\n`,
    });
    expect((await s.run(create, ["-f", fixture("lead.yaml"), "--if-not-exists"])).exitCode).toBe(0);
    expect(JSON.parse((await s.run(activate, [LEAD])).stdout)).toMatchObject({ status: "active" });
    expect(JSON.parse((await s.run(pause, [LEAD, "--reason", "wrong offer"])).stdout)).toMatchObject({
      status: "paused",
      pauseReason: "wrong offer",
    });
    expect(JSON.parse((await s.run(activate, [LEAD])).stdout)).toMatchObject({
      status: "active",
      pauseReason: null,
    });
    const [line] = JSON.parse((await s.run(list, ["--status", "active"])).stdout);
    expect(line).toMatchObject({
      name: LEAD,
      trigger: "tag_added leads",
      steps: 3,
      enrolled: 0,
      sender: null,
    });
  });

  it("is archived only when somebody says yes", async () => {
    const ran = await s.run(archive, [LEAD]);
    expect(ran).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("this needs --yes") });
    expect(JSON.parse((await s.run(list, ["--status", "archived"])).stdout)).toEqual([]);
  });
});

describe("drip update", () => {
  it("says which version people enter now, and with --migrate-active whom it moved", async () => {
    const made = await makeDrip(s.database, s.organization, { name: "Live", steps: [{ days: 3 }] });
    await makeEnrollments(s.database, made, await makeContacts(s.database, s.organization, 2));
    const same = await s.run(update, ["-f", text("Live", STEP)]);
    expect(JSON.parse(same.stdout)).toMatchObject({ version: 2, changed: ["steps"], moved: 0 });
    expect(same.stderr).toContain("step 1: this is no template");
    const asked = await s.run(update, ["-f", text("Live", STEP), "--migrate-active"]);
    expect(asked).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('Bring the 2 who are in "Live" to the version of this file?'),
    });
    const moved = await s.run(update, ["-f", text("Live", STEP), "--migrate-active"], { yes: true });
    expect(JSON.parse(moved.stdout)).toMatchObject({
      version: 2,
      changed: [],
      moved: 2,
      replanned: 2,
      completed: 0,
    });
  });

  it("asks nothing where nobody would be moved", async () => {
    await makeDrip(s.database, s.organization, { name: "Empty" });
    const ran = await s.run(update, ["-f", text("Empty", STEP), "--migrate-active"]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ version: 2, moved: 0 });
  });

  it("of a drip that is not there names the near one", async () => {
    expect(await s.run(update, ["-f", text("Liv", STEP)])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('Did you mean "Live"?'),
    });
  });
});

describe("a file that is no drip", () => {
  it.each([
    ["create", create, []],
    ["validate", validate, []],
    ["update", update, ["--migrate-active"]],
  ])("ends %s with 2 and all of its faults, and changes nothing", async (_verb, spec, more) => {
    const before = await s.query("select id, current_version from drip_campaigns order by id");
    const path = text("Live", "{ dely: 2d, message: { type: text } }");
    const ran = await s.run(spec, ["-f", path, ...more]);
    expect(ran).toMatchObject({ exitCode: 2, stdout: "" });
    expect(ran.stderr).toContain(`${path}:3:9: steps.0.delay is missing`);
    expect(ran.stderr).toContain(`${path}:3:11: steps.0.dely is not a known field; did you mean delay?`);
    expect(ran.stderr).toContain(`${path}:3:30: steps.0.message: give its text`);
    expect(await s.query("select id, current_version from drip_campaigns order by id")).toEqual(before);
  });

  it("and neither or both of a name and a file is wrong usage", async () => {
    expect(await s.run(validate, [])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("name a drip, or a file with -f"),
    });
    expect(await s.run(validate, ["Live", "-f", "x"])).toMatchObject({ exitCode: 2 });
  });
});

describe("every command about a drip", () => {
  it("answers another tenant's as it answers a random one", async () => {
    const { id } = await makeDrip(s.database, s.other, { name: "Hidden" });
    for (const spec of [activate, pause, archive, validate]) {
      const random = "00000000-0000-4000-8000-000000000000";
      const [theirs, none] = [await s.run(spec, [id]), await s.run(spec, [random])];
      expect(theirs).toMatchObject({ exitCode: 4, stdout: "", stderr: none.stderr.replace(random, id) });
    }
  });
});
