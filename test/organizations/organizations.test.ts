import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { worker } from "../../src/db/identity.ts";
import { makeWorld, type World } from "../cli/world.ts";

let w: World;

beforeAll(async () => {
  w = await makeWorld();
});

afterAll(() => w.end());

const create = (name: string, ...flags: string[]) => w.adsapp(["org", "create", name, ...flags]);
const HOURS =
  '{"mon":[["09:00","12:30"],["13:00","17:30"]],"fri":[["22:00","02:00"]],"holidays":["2026-12-25"]}';

describe("org create", () => {
  it("makes an organization as a day's work has it, with a built-in admin", async () => {
    const line = ["org", "create", "Bakkerij Jansen", "--slug", "jansen", "--timezone", "Europe/Amsterdam"];
    expect(await w.json([...line, "--country", "NL"])).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      slug: "jansen",
      name: "Bakkerij Jansen",
      timezone: "Europe/Amsterdam",
      defaultCountry: "NL",
    });
    expect(await w.json("user list --org jansen")).toMatchObject([{ email: "cli@jansen", role: "admin" }]);
  });

  it("makes the slug from the name", async () => {
    expect(await w.json(["org", "create", " Café  d'Été & Zn. "])).toMatchObject({ slug: "cafe-d-ete-zn" });
    const long = `${"a".repeat(62)} b`;
    expect(await w.json(["org", "create", long])).toMatchObject({ slug: "a".repeat(62) });
  });

  it("is idempotent with --if-not-exists where it is alike, and says what differs", async () => {
    const flags = ["--slug", "again", "--business-hours", HOURS];
    const made = await w.json(["org", "create", "Again", ...flags]);
    expect(await create("Again", ...flags)).toMatchObject({ stdout: "", exitCode: 1 });
    expect(await w.json(["org", "create", "Again", ...flags, "--if-not-exists"])).toEqual(made);
    expect(await w.json("org create Again --slug again --if-not-exists")).toEqual(made);
    const differing = [
      [["--timezone", "Europe/Brussels"], "with timezone Europe/Amsterdam"],
      [["--country", "BE"], "with country NL"],
      [["--business-hours", '{"mon":[["09:00","12:00"]]}'], "with other business hours"],
    ] as const;
    for (const [other, said] of differing) {
      const { stderr, exitCode } = await create("Again", "--slug", "again", ...other, "--if-not-exists");
      expect({ other, exitCode }).toEqual({ other, exitCode: 1 });
      expect(stderr).toContain(`an organization with the slug "again" exists ${said}`);
    }
    const profiles = await w.json<object[]>("user list --org again");
    expect(profiles).toHaveLength(1);
  });

  it("made four times at once is made once", async () => {
    const four = await Promise.all([1, 2, 3, 4].map(() => create("Once", "--if-not-exists")));
    expect(four.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
    expect(await w.json<object[]>("user list --org once")).toHaveLength(1);
  });

  it.each(["CAT", "ist", "Mars/Olympus", "+01:00"])(
    "takes no zone that PostgreSQL reads otherwise: %s",
    async (zone) => {
      const { stderr, exitCode } = await create("Zone", "--timezone", zone);
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`"${zone}" is not a time zone`);
    },
  );

  it("tells every fault at once: 2, and nothing is made", async () => {
    const flags = ["--slug", "Ümlaut", "--timezone", "Mars/Olympus", "--country", "Nederland"];
    const { stderr, exitCode } = await create(" ", ...flags, "--business-hours", '{"monday":[]}');
    expect(exitCode).toBe(2);
    expect(stderr.trim().split("\n")).toEqual([
      "error: the name is empty",
      'the slug "Ümlaut" must be of a–z, 0–9 and dashes (give one with --slug)',
      '"Mars/Olympus" is not a time zone; for example Europe/Amsterdam',
      '"Nederland" is not a country code; for example NL',
      'business hours: "monday" is no day; write mon, tue, wed, thu, fri, sat, sun or holidays',
    ]);
    expect(await create("!!!")).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining("give one with --slug"),
    });
  });
});

describe("org list, show and use", () => {
  beforeAll(async () => {
    await create("Een", "--slug", "een");
    await create("Twee", "--slug", "twee", "--business-hours", HOURS);
  });

  it("list every organization, and one in full by slug or id", async () => {
    const all = await w.json<{ id: string; slug: string }[]>("org list");
    expect(all.map(({ slug }) => slug)).toEqual(expect.arrayContaining(["een", "twee"]));
    const shown = await w.json<{ id: string }>("org show twee");
    expect(shown).toMatchObject({
      slug: "twee",
      name: "Twee",
      businessHours: JSON.parse(HOURS),
      pausedAt: null,
    });
    expect(await w.json(`org show ${shown.id}`)).toEqual(shown);
  });

  it("use chooses the one of later commands; --org and ADSAPP_ORG come before it; other settings stay", async () => {
    const file = join(w.home, "config.json");
    writeFileSync(file, JSON.stringify({ user: "cli@een" }));
    const used = await w.adsapp("org use een");
    expect(used).toEqual({ stdout: "", stderr: "Commands now work in Een (een).\n", exitCode: 0 });
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ user: "cli@een", organization: "een" });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const slugOf = async (words: string, env = {}) => (await w.json<{ slug: string }>(words, { env })).slug;
    expect(await slugOf("org show")).toBe("een");
    expect(await slugOf("org show", { ADSAPP_ORG: "twee" })).toBe("twee");
    expect(await slugOf("--org twee org show", { ADSAPP_ORG: "een" })).toBe("twee");
    expect(await w.adsapp("org use nobody")).toMatchObject({ exitCode: 4 });
    expect(await slugOf("org show")).toBe("een");
    writeFileSync(file, "{}");
  });
});

describe("org set, pause and resume", () => {
  beforeAll(async () => {
    await create("Set", "--slug", "set");
    for (const role of ["agent", "viewer"])
      await w.json(`--org set user add ${role}@set.example --role ${role}`);
  });

  it("set changes what is given and leaves the rest", async () => {
    const changed = await w.json([
      "--org",
      "set",
      "org",
      "set",
      "--timezone",
      "Europe/Brussels",
      "--business-hours",
      HOURS,
    ]);
    expect(changed).toMatchObject({
      name: "Set",
      timezone: "Europe/Brussels",
      defaultCountry: "NL",
      businessHours: JSON.parse(HOURS),
    });
    expect(await w.json("--org set org set --country BE")).toMatchObject({
      timezone: "Europe/Brussels",
      defaultCountry: "BE",
      businessHours: JSON.parse(HOURS),
    });
  });

  it("set --frequency-cap caps marketing, none lifts it, and show tells it", async () => {
    await w.adsapp("org create Jansen --slug capped");
    const cap = (value: string) =>
      w.adsapp(["org", "set", "--frequency-cap", value, "--org", "capped", "--format", "json"]);
    expect(JSON.parse((await cap("2/7d")).stdout)).toMatchObject({ frequencyCap: { messages: 2, days: 7 } });
    const shown = await w.adsapp("org show capped --format json");
    expect(JSON.parse(shown.stdout)).toMatchObject({ frequencyCap: { messages: 2, days: 7 } });
    for (const wrong of ["2", "0/7d", "2/0d", "2/366d", "2/7w", "two/7d", ""]) {
      const { exitCode, stderr } = await cap(wrong);
      expect({ wrong, exitCode }).toEqual({ wrong, exitCode: 2 });
      expect(stderr).toContain("--frequency-cap takes messages per days");
    }
    expect(JSON.parse((await cap("none")).stdout)).toMatchObject({ frequencyCap: null });
  });

  it("set wants something to change, and right values: 2", async () => {
    expect(await w.adsapp("--org set org set")).toMatchObject({ exitCode: 2 });
    const { stderr, exitCode } = await w.adsapp("--org set org set --timezone Nowhere --country XX");
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(/"Nowhere" is not a time zone.*\n"XX" is not a country code/);
  });

  it("pause keeps the time of the first pause; resume lets go on; both may be repeated", async () => {
    const { pausedAt } = await w.json<{ pausedAt: string }>("--org set org pause");
    expect(pausedAt).toMatch(/^\d{4}-\d{2}-\d{2}T.*Z$/);
    expect(await w.json("--org set org pause")).toMatchObject({ pausedAt });
    expect(await w.json("--org set org resume")).toMatchObject({ pausedAt: null });
    expect(await w.json("--org set org resume")).toMatchObject({ pausedAt: null });
  });

  it.each(["agent", "viewer"])("are for admins: an %s gets 5, and nothing changes", async (role) => {
    const before = await w.json("org show set");
    for (const words of ["org set --name Mine", "org pause", "org resume"]) {
      const { stderr, exitCode } = await w.adsapp(`--org set --as ${role}@set.example ${words}`);
      expect({ words, exitCode }).toEqual({ words, exitCode: 5 });
      expect(stderr).toMatch(/^error: only an admin .*\n--as EMAIL acts as another profile\.\n$/);
    }
    expect(await w.json("org show set")).toEqual(before);
  });

  it("do nothing to another organization", async () => {
    await create("Beside", "--slug", "beside");
    const before = await w.json("org show beside");
    await w.json("--org set org pause");
    await w.json("--org set org set --name Renamed");
    expect(await w.json("org show beside")).toEqual(before);
    await w.database.transaction(worker, (tx) => tx.run("update organizations set paused_at = null"));
  });
});
