import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { counts, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

const HEADER = "mobiel;voornaam;notitie";
const MIXED = [
  HEADER,
  "0612345671;Jan;goed",
  '06-123;"Eva; of Evi";"=1+1\nregel"',
  "+32 4;Luc;'s avonds",
  "kort;rij",
];

let folders = 0;
/** a folder of its own, to see that nothing else is left in it */
const folder = () => {
  const path = join(s.folder, `rejects-${++folders}`);
  mkdirSync(path);
  return path;
};

describe("the rejects file", () => {
  it("has line, reason and the cells as they were, guarded as all CSV that leaves", async () => {
    const { importLines } = await s.tenant();
    const place = folder();
    const report = await importLines(MIXED, { rejects: join(place, "rejects.csv") });
    expect(report.rejected).toBe(3);
    expect(readFileSync(join(place, "rejects.csv"), "utf8")).toBe(
      [
        "line,reason,mobiel,voornaam,notitie",
        `3,"mobiel ""06-123"" is too short",06-123,Eva; of Evi,"'=1+1\nregel"`,
        `5,"mobiel ""+32 4"" is too short",'+32 4,Luc,'s avonds`,
        "6,has 2 cells where the header has 3,kort,rij",
        "",
      ].join("\n"),
    );
    expect(statSync(join(place, "rejects.csv")).mode & 0o777).toBe(0o600);
    expect(readdirSync(place)).toEqual(["rejects.csv"]);
  });

  it("can be imported again as it is, and when it was mended, however often a row went through it", async () => {
    const { importLines, importFile, person } = await s.tenant();
    const place = folder();
    const [first, second] = [join(place, "first.csv"), join(place, "second.csv")];
    await importLines(MIXED, { rejects: first });
    await expect(importFile(first, { rejects: second })).rejects.toMatchObject({ exitCode: 2 });
    const reason = (line: string) => line.split(",")[1];
    expect(readFileSync(second, "utf8").split("\n").map(reason)).toEqual(
      readFileSync(first, "utf8").split("\n").map(reason),
    );
    writeFileSync(second, readFileSync(second, "utf8").replace(",06-123,", ",06-12345672,"));
    expect(counts(await importFile(second))).toMatchObject({ created: 1, rejected: 2 });
    expect(await person("+31612345672")).toMatchObject({
      firstName: "Eva; of Evi",
      lastName: null,
      attributes: { notitie: "=1+1\nregel" },
    });
  });

  it("is not made over an existing file, unless forced", async () => {
    const { importLines } = await s.tenant();
    const path = join(folder(), "rejects.csv");
    writeFileSync(path, "mine");
    const before = await s.everything();
    await expect(importLines(MIXED, { rejects: path })).rejects.toMatchObject({
      exitCode: 2,
      message: `${path} exists`,
    });
    expect(await s.everything()).toEqual(before);
    expect(readFileSync(path, "utf8")).toBe("mine");
    await importLines(MIXED, { rejects: path, force: true });
    expect(readFileSync(path, "utf8")).toContain("line,reason");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("is not made through a symlink, over a folder or where no folder is, forced or not", async () => {
    const { importLines } = await s.tenant();
    const place = folder();
    writeFileSync(join(place, "target"), "mine");
    symlinkSync(join(place, "target"), join(place, "link"));
    symlinkSync(join(place, "nowhere"), join(place, "dangling"));
    mkdirSync(join(place, "folder"));
    const before = await s.everything();
    for (const name of ["link", "dangling", "folder", "missing/rejects.csv"])
      for (const force of [false, true])
        await expect(importLines(MIXED, { rejects: join(place, name), force })).rejects.toMatchObject({
          exitCode: 2,
        });
    expect(await s.everything()).toEqual(before);
    expect(readFileSync(join(place, "target"), "utf8")).toBe("mine");
    expect(readdirSync(place).sort()).toEqual(["dangling", "folder", "link", "target"]);
  });

  it("tells of every row when all are rejected, though nothing was imported", async () => {
    const { importLines } = await s.tenant();
    const path = join(folder(), "rejects.csv");
    await expect(importLines([HEADER, "06;a;b", "07;c;d"], { rejects: path })).rejects.toMatchObject({
      exitCode: 2,
    });
    expect(readFileSync(path, "utf8").split("\n")).toHaveLength(4);
  });

  it("is not left behind by an import that fails", async () => {
    const { importLines } = await s.tenant();
    await importLines(MIXED);
    const place = folder();
    const path = join(place, "rejects.csv");
    await expect(
      importLines([...MIXED, "bad"], { rejects: path, onDuplicate: "fail" }),
    ).rejects.toMatchObject({ exitCode: 1 });
    expect(readdirSync(place)).toEqual([]);
    expect(existsSync(path)).toBe(false);
  });

  it("holds many rejects, in the file's order", async () => {
    const { importLines } = await s.tenant();
    const path = join(folder(), "rejects.csv");
    const bad = Array.from({ length: 30_000 }, (_, n) => `06-${n};Naam ${n};${"x".repeat(50)}`);
    const report = await importLines([HEADER, ...bad, "0612345671;Jan;goed"], { rejects: path });
    expect(counts(report)).toMatchObject({ rows: 30_001, created: 1, rejected: 30_000 });
    expect(report.examples).toHaveLength(10);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n").slice(1);
    expect(lines.map((line) => Number(line.split(",")[0]))).toEqual(bad.map((_, n) => n + 2));
  });
});
