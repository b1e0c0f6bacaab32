import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import enroll from "../../src/drips/enroll.command.ts";
import { enrollContacts, unenrollContacts } from "../../src/drips/enroll.ts";
import { findDrip } from "../../src/drips/find.ts";
import unenroll from "../../src/drips/unenroll.command.ts";
import { logsOf, makeDrip, type TestDrip } from "../support/drip-factories.ts";
import { makeContacts, makeSender } from "../support/factories.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;
let leads: { id: string; phone: string }[];
let folder: string;
let drip: TestDrip;

beforeAll(async () => {
  s = await setup();
  folder = mkdtempSync(join(tmpdir(), "adsapp-enroll-"));
  await makeSender(s.database, s.organization);
  leads = await makeContacts(s.database, s.organization, 5, { tags: ["leads"] });
  await makeContacts(s.database, s.organization, 2, { tags: ["leads"], optedOutAt: new Date() });
  await makeContacts(s.database, s.organization, 1, { tags: ["blocked"], blockedAt: new Date() });
  await s.query("insert into contact_lists (organization_id, name) values ($1, 'klanten')", [
    s.organization.id,
  ]);
  await s.query(
    `insert into contact_list_members (organization_id, list_id, contact_id)
     select $1, l.id, c from contact_lists l, unnest($2::uuid[]) c where l.name = 'klanten'`,
    [s.organization.id, leads.slice(0, 3).map(({ id }) => id)],
  );
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await s.end();
});

beforeEach(async () => {
  drip = await makeDrip(s.database, s.organization);
});

const answer = async (argv: string[], given = {}) => {
  const ran = await s.run(enroll, [drip.name, ...argv], given);
  return { ...ran, ...(ran.stdout === "" ? {} : JSON.parse(ran.stdout)) };
};
const open = () =>
  s.query<{ contactId: string }>(
    "select contact_id from drip_enrollments where campaign_id = $1 and ended_at is null",
    [drip.id],
  );
const file = (text: string | Buffer) => {
  const path = join(folder, "people.txt");
  writeFileSync(path, text);
  return path;
};
const phones = (from: number, to: number) => leads.slice(from, to).map(({ phone }) => phone);

describe("drip enroll", () => {
  it("by tag says how many entered and why others did not, and ends with 3", async () => {
    expect(await answer(["--tag", "leads"])).toMatchObject({
      exitCode: 3,
      drip: drip.name,
      selected: 7,
      enrolled: 5,
      refused: { opted_out: 2 },
      unknown: [],
    });
    expect((await open()).map(({ contactId }) => contactId).sort()).toEqual(leads.map(({ id }) => id).sort());
    expect((await logsOf(s.database, drip)).map(({ status }) => status)).toEqual(Array(5).fill("pending"));
    expect(
      await s.query("select distinct enrolled_by from drip_enrollments where campaign_id = $1", [drip.id]),
    ).toEqual([{ enrolledBy: s.organization.profileId }]);
  });

  it("by list, by contact in any spelling, and by file; each ends with 0 when all could", async () => {
    const local = `0${phones(3, 4)[0]?.slice(3)}`;
    expect(await answer(["--list", "klanten"])).toMatchObject({ exitCode: 0, enrolled: 3, refused: {} });
    expect(await answer(["--contact", local])).toMatchObject({ exitCode: 0, enrolled: 1 });
    const path = file(`\uFEFFTelefoon\r\n\r\n${phones(4, 5)[0]}\r\n`);
    expect(await answer(["--file", path])).toMatchObject({
      exitCode: 0,
      selected: 1,
      enrolled: 1,
      unknown: [],
    });
    expect(await open()).toHaveLength(5);
  });

  it("by all of them together enters each person once", async () => {
    const argv = [
      "--tag",
      "leads",
      "--list",
      "klanten",
      "--contact",
      ...phones(0, 2),
      "--file",
      file(phones(0, 5).join("\n")),
    ];
    expect(await answer(argv)).toMatchObject({ selected: 7, enrolled: 5 });
    expect(await open()).toHaveLength(5);
  });

  it("again refuses who is in it; --skip-existing takes no offence at them, and still at others", async () => {
    await answer(["--list", "klanten"]);
    expect(await answer(["--list", "klanten"])).toMatchObject({
      exitCode: 3,
      enrolled: 0,
      refused: { already_enrolled: 3 },
    });
    expect(await answer(["--list", "klanten", "--skip-existing"])).toMatchObject({
      exitCode: 0,
      enrolled: 0,
    });
    await s.query("update drip_enrollments set status = 'completed' where campaign_id = $1", [drip.id]);
    expect(await answer(["--list", "klanten", "--skip-existing"])).toMatchObject({
      exitCode: 0,
      refused: { was_enrolled: 3 },
    });
    expect(await answer(["--tag", "leads", "--skip-existing"])).toMatchObject({ exitCode: 3, enrolled: 2 });
  });

  it("refuses whoever is blocked, whatever the drip", async () => {
    expect(await answer(["--tag", "blocked"])).toMatchObject({
      exitCode: 3,
      enrolled: 0,
      refused: { blocked: 1 },
    });
  });

  it("tells of words that name nobody, a few of many, and enters the others", async () => {
    const unknown = Array.from({ length: 12 }, (_, i) => `+3169999${1000 + i}`);
    const ran = await answer(["--file", file([...unknown, ...phones(0, 1)].join("\n"))]);
    expect(ran).toMatchObject({ exitCode: 3, enrolled: 1, unknown });
    expect(ran.stderr.match(/not found/g)).toHaveLength(11);
    expect(ran.stderr).toContain("… and 2 more contacts not found");
  });

  it("of nobody is wrong usage, not found, or a file that names nobody", async () => {
    expect(await answer([])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("say whom: --tag, --list, --contact or --file"),
    });
    expect(await answer(["--tag", "nobodys"])).toMatchObject({ exitCode: 4 });
    expect(await answer(["--list", "klante"])).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('"klanten"'),
    });
    expect(await answer(["--file", file("phone\n\n")])).toMatchObject({ exitCode: 2 });
    expect(await answer(["--file", join(folder, "missing")])).toMatchObject({ exitCode: 2 });
    expect(await answer(["--file", file(Buffer.from([0x30, 0xff, 0x31]))])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("is not UTF-8 text"),
    });
    expect(await open()).toEqual([]);
  });

  it.each(["draft", "paused", "archived"] as const)("into a drip that is %s is refused", async (status) => {
    drip = await makeDrip(s.database, s.organization, { status });
    expect(await answer(["--tag", "leads"])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining(`is ${status}: nobody can enter it`),
    });
    expect(await open()).toEqual([]);
  });

  it("by a viewer is refused, and so is another tenant's drip, list or contact, like a random one", async () => {
    const asViewer = s.asViewer(async (tx) =>
      enrollContacts(tx, s.organization.id, await findDrip(tx, s.organization.id, drip.id), []),
    );
    await expect(asViewer).rejects.toMatchObject({ exitCode: 5 });
    const [theirs] = await makeContacts(s.database, s.other, 1, { tags: ["theirs"] });
    const ran = await answer(["--contact", theirs?.id as string]);
    expect(ran).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining(`contact "${theirs?.id}" not found`),
    });
    expect((await answer(["--tag", "theirs"])).exitCode).toBe(4);
    const foreign = await s.run(enroll, [drip.id, "--tag", "theirs"], { organization: s.other.slug });
    expect(foreign).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining(`drip "${drip.id}" not found`),
    });
    expect(await open()).toEqual([]);
  });
});

describe("people who enroll at once", () => {
  it("enter each contact once, whoever wins", async () => {
    const ids = leads.map(({ id }) => id);
    const enter = (given: string[]) =>
      s.asAdmin(async (tx) =>
        enrollContacts(tx, s.organization.id, await findDrip(tx, s.organization.id, drip.id), given),
      );
    const ran = await Promise.all([enter(ids), enter([...ids].reverse()), enter(ids.slice(2))]);
    expect(ran.reduce((sum, { enrolled }) => sum + enrolled, 0)).toBe(5);
    expect(ran.reduce((sum, { refused }) => sum + (refused.already_enrolled ?? 0), 0)).toBe(8);
    expect(await open()).toHaveLength(5);
    expect(await logsOf(s.database, drip)).toHaveLength(5);
  });
});

describe("drip unenroll", () => {
  it("takes people out, skips what waited, and leaves the others", async () => {
    await answer(["--list", "klanten"]);
    const ran = await s.run(unenroll, [drip.name, "--contact", ...phones(0, 1), ...phones(4, 5)]);
    expect(ran.exitCode).toBe(0);
    expect(JSON.parse(ran.stdout)).toEqual({ drip: drip.name, selected: 2, unenrolled: 1, unknown: [] });
    expect(await open()).toHaveLength(2);
    const left = await s.query(
      `select e.status, e.exit_reason, l.status as log, l.skip_reason from drip_enrollments e join drip_message_logs l on l.enrollment_id = e.id
        where e.campaign_id = $1 and e.contact_id = $2`,
      [drip.id, leads[0]?.id],
    );
    expect(left).toEqual([
      { status: "dropped", exitReason: "unenrolled", log: "skipped", skipReason: "unenrolled" },
    ]);
    const words = [drip.name, "--tag", "leads", "--contact", "+31699999999"];
    const unknown = await s.run(unenroll, words, { yes: true });
    expect(unknown).toMatchObject({ exitCode: 3, stderr: expect.stringContaining("not found") });
    expect(await open()).toEqual([]);
  });

  it("is not for viewers", async () => {
    const asViewer = s.asViewer((tx) => unenrollContacts(tx, s.organization.id, drip.id, []));
    await expect(asViewer).rejects.toMatchObject({ exitCode: 5 });
  });
});
