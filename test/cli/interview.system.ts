import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, KEY } from "../support/answers.ts";
import { makeContacts, makeOrganization, makeSender, makeTemplate } from "../support/factories.ts";
import { atTerminal } from "./pty.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;

beforeAll(async () => {
  w = await makeWorld();
  const organization = await makeOrganization(w.database);
  await makeSender(w.database, organization);
  await makeContacts(w.database, organization, 3, { tags: ["vip"] });
  await makeTemplate(w.database, organization, { name: "sale", body: "Hoi {{1}}" });
});

afterAll(() => w.end());

const { enter, down, space } = KEY;

const CAMPAIGN: Answer[] = [
  ["Name", `Sale${enter}`],
  ["What kind of broadcast", enter],
  ["Audience", down + enter],
  ["Tags", space + enter],
  ["Leave anyone out?", enter],
  ["Is that who it is for?", enter],
  ["Message", enter],
  ["Value of {{1}}", `daar${enter}`],
  ["When is it sent?", enter],
  ["Messages an hour", enter],
  ["Save it as YAML?", `y${enter}`],
  ["File", enter],
];

const DRIP: Answer[] = [
  ["Name", `Leads${enter}`],
  ["Who enters it?", enter],
  ["leave the drip?", enter],
  ["Only in business hours?", enter],
  ["Does a tag make people leave it?", enter],
  ["How long after somebody entered", enter],
  ["At what time of that day", enter],
  ["Message", down + enter],
  ["Text", `Hoi!${enter}`],
  ["Another step?", enter],
  ["Save it as YAML?", enter],
];

describe("on a pseudo-terminal", () => {
  it("campaign create is interrupted by Ctrl-C with 130, after which there is nothing; then it makes what its YAML makes", async () => {
    const left = await atTerminal(
      w,
      ["campaign", "create"],
      [...CAMPAIGN, ["Create the campaign", KEY.ctrlC]],
    );
    expect(left).toMatchObject({ exitCode: 130, waitsFor: undefined });
    expect(left.screen).toContain("interrupted; nothing was changed");
    expect(await w.json("campaign list")).toEqual([]);
    expect(existsSync(join(w.home, "sale.yaml"))).toBe(false);

    const made = await atTerminal(w, ["campaign", "create"], [...CAMPAIGN, ["Create the campaign", enter]]);
    expect(made).toMatchObject({ exitCode: 0, waitsFor: undefined });
    expect(made.screen).toContain("Audience: 3 people, of whom 3 may be messaged now.");
    expect(readFileSync(join(w.home, "sale.yaml"), "utf8")).toContain('"1": daar');
    expect(await w.json(["plan", w.home])).toMatchObject([{ name: "Sale", change: "unchanged" }]);
  });

  it("drip create makes a draft", async () => {
    const made = await atTerminal(w, ["drip", "create"], [...DRIP, ["Create the drip", enter]]);
    expect(made).toMatchObject({ exitCode: 0, waitsFor: undefined });
    expect(await w.json("drip show Leads")).toMatchObject({ status: "draft", trigger: { type: "manual" } });
  });

  it("apply shows what it changes, and does so on yes", async () => {
    const file = join(w.home, "sale.yaml");
    writeFileSync(file, readFileSync(file, "utf8").replace("daar", "jij"));
    const no = await atTerminal(w, ["apply", w.home], [["(y/N)", `n${enter}`]]);
    expect(no).toMatchObject({ exitCode: 0, waitsFor: undefined });
    expect(no.screen).toMatch(/message\.variables\.1: daar → jij/);
    expect(no.screen).toContain("Nothing was changed.");
    const yes = await atTerminal(w, ["apply", w.home], [["(y/N)", `y${enter}`]]);
    expect(yes).toMatchObject({ exitCode: 0, waitsFor: undefined });
    expect(await w.json(["plan", w.home])).toMatchObject([{ name: "Sale", change: "unchanged" }]);
  });
});
