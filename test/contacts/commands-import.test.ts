import { readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { type Listed, openShop, type Shop } from "./shop.ts";

let shop: Shop;

beforeAll(async () => {
  shop = await openShop();
});

afterAll(() => shop.end());

const KEYS = ["importId", "rows", "created", "updated", "unchanged", "skipped", "rejected", "durationMs"];
const dutch = join(packageRoot(), "fixtures", "contacts-dutch.csv");

type Report = Record<string, number | string | null>;

describe("contact import", () => {
  it("does what scripts write, and ends with 3 since some rows were rejected", async () => {
    const rejects = join(shop.folder, "rejects.csv");
    const args = ["--list", "klanten", "--tag", "fixture", "--country", "NL", "--rejects", rejects];
    const report = await shop.json<Report>(3, "contact", "import", dutch, ...args);
    expect(Object.keys(report)).toEqual(expect.arrayContaining(KEYS));
    expect(report).toMatchObject({
      importId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      rows: 1035,
      created: 1000,
      updated: 0,
      unchanged: 0,
      skipped: 20,
      rejected: 15,
      durationMs: expect.any(Number),
    });
    expect(statSync(rejects).mode & 0o777).toBe(0o600);
    expect(parse(readFileSync(rejects), { relax_column_count: true })).toHaveLength(16);
    expect(await shop.json(0, "list", "show", "klanten")).toMatchObject({ members: 1000 });
    const again = await shop.adsapp("contact", "import", dutch, ...args.slice(0, 6), "--json");
    expect([again.exitCode, JSON.parse(again.stdout)]).toMatchObject([
      0,
      { importId: report.importId, rows: 1035, created: 0, skipped: 1035, rejected: 0 },
    ]);
    expect(again.stderr).toContain("--force imports it again.");
  });

  it("gives the same keys on a dry run and in each format, and talks on stderr only", async () => {
    const path = shop.write("mobiel;voornaam\n06 20000001;Noor\n0612;Bas\n");
    const dry = await shop.json<Report>(3, "contact", "import", path, "--dry-run");
    expect(dry).toMatchObject({ importId: null, rows: 2, created: 1, rejected: 1 });
    const csv = await shop.adsapp("contact", "import", path, "--dry-run", "--format", "csv");
    expect((parse(csv.stdout, { columns: true }) as object[])[0]).toMatchObject({ rows: "2", created: "1" });
    expect(csv.stderr).toContain('line 3: mobiel "0612" is too short');
    expect(csv.stderr).toContain("A dry run: nothing was changed.");
    const table = await shop.adsapp("contact", "import", path, "--dry-run", "--quiet");
    expect([table.exitCode, table.stderr]).toEqual([3, ""]);
    expect(table.stdout).toMatch(/rows\s+2/i);
    expect((await shop.adsapp("contact", "show", "0620000001")).exitCode).toBe(4);
  });

  it("reads stdin, and ends with 0 when every row was good", async () => {
    const ran = await shop.adsappWith(
      "mobiel;voornaam\n06 20000002;Eva\n",
      "contact",
      "import",
      "-",
      "--json",
    );
    expect([ran.exitCode, JSON.parse(ran.stdout)]).toMatchObject([0, { rows: 1, created: 1, rejected: 0 }]);
    expect(await shop.json<Listed>(0, "contact", "show", "0620000002")).toMatchObject({
      firstName: "Eva",
      importedFrom: "stdin",
    });
  });

  it("takes --map, --delimiter, --encoding and --on-duplicate", async () => {
    const path = shop.write(Buffer.from("Nr|Wie,precies\n0620000003|Zo\xeb\n", "latin1"));
    const args = [
      "--map",
      "Nr=phone",
      "Wie,precies=first_name",
      "--delimiter",
      "pipe",
      "--encoding",
      "windows-1252",
    ];
    expect(await shop.json(0, "contact", "import", path, ...args)).toMatchObject({ created: 1 });
    expect(await shop.json(0, "contact", "show", "0620000003")).toMatchObject({ firstName: "Zoë" });
    const fail = await shop.adsapp("contact", "import", path, ...args, "--on-duplicate", "fail");
    expect([fail.exitCode, fail.stdout]).toEqual([1, ""]);
    const skip = ["--on-duplicate", "skip"];
    expect(await shop.json(0, "contact", "import", path, ...args, ...skip)).toMatchObject({ skipped: 1 });
  });
});

describe("contact import ends with 2 and changes nothing", () => {
  const good = "mobiel;voornaam\n0620000009;Noor\n";
  const cases: [name: string, content: string | Buffer, args: string[]][] = [
    ["for an empty file", "", []],
    ["for a header only", "mobiel;voornaam\n", []],
    ["when every row is rejected", "mobiel\n06\n07\n", []],
    ["for a header without a phone", "voornaam\nNoor\n", []],
    ["for a __proto__ column", "mobiel;__proto__\n0620000009;x\n", []],
    ["for a workbook", "PK\u0003\u0004", []],
    ["for a field that does not exist", good, ["--map", "voornaam=nickname"]],
    ["for a --map that is none", good, ["--map", "voornaam"]],
    ["for an unknown country", good, ["--country", "XX"]],
    ["for an unknown encoding", good, ["--encoding", "ebcdic"]],
    ["for an unknown --on-duplicate", good, ["--on-duplicate", "merge"]],
    ["for an empty tag", good, ["--tag", " "]],
    ["for an empty list", good, ["--list", ""]],
    ["for rejects in a folder that is not there", good, ["--rejects", "/nonexistent/rejects.csv"]],
  ];

  it.each(cases)("%s", async (_name, content, args) => {
    const before = await shop.everything();
    const ran = await shop.adsapp("contact", "import", shop.write(content), ...args, "--json");
    expect([ran.exitCode, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toMatch(/^error: /);
    expect(ran.stderr).not.toContain("bug in adsapp");
    expect(await shop.everything()).toEqual(before);
  });

  it("for a file that is not there, a folder, and rejects through a symlink", async () => {
    symlinkSync(join(shop.folder, "elsewhere"), join(shop.folder, "link"));
    for (const args of [
      ["/nonexistent.csv"],
      [shop.folder],
      [shop.write(good), "--rejects", join(shop.folder, "link"), "--force"],
    ]) {
      const ran = await shop.adsapp("contact", "import", ...args);
      expect([args, ran.exitCode, ran.stdout]).toEqual([args, 2, ""]);
    }
  });
});

it("contact import as a viewer ends with 5 and changes nothing", async () => {
  const before = await shop.everything();
  const path = shop.write("mobiel;voornaam\n0610000001;Noor\n0620000008;Eva\n");
  const ran = await shop.adsapp("contact", "import", path, "--as", "viewer@jansen", "--json");
  expect([ran.exitCode, ran.stdout]).toEqual([5, ""]);
  expect(ran.stderr).toContain("Viewers only read");
  expect(await shop.everything()).toEqual(before);
});
