import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import { readContactsCsv } from "../../src/contacts/csv/read.ts";
import { dutchRows } from "../support/dutch-contacts.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "adsapp-csv-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

const read = async (from: string | Readable) => {
  const { batches } = await readContactsCsv(from, { country: "NL" });
  let rows = 0;
  for await (const batch of batches) rows += batch.length;
  return rows;
};
const HEADER = "Voornaam;Tussenvoegsel;Achternaam;Mobiel;E-mail;Woonplaats;Klant sinds;Labels;Uitgeschreven";

describe("a contacts CSV", () => {
  it("is read from a file, or from a stream that can be read once only", async () => {
    const content = [HEADER, ...dutchRows(5_000)].join("\r\n");
    const path = join(folder, "people.csv");
    writeFileSync(path, content);
    expect(await read(path)).toBe(5_000);
    expect(await read(Readable.from([Buffer.from(content)]))).toBe(5_000);
  });

  it("leaves nothing open or behind, read or not", async () => {
    const openFiles = () => readdirSync("/dev/fd").length;
    const scratch = join(folder, "scratch");
    mkdirSync(scratch);
    vi.stubEnv("TMPDIR", scratch);
    onTestFinished(() => void vi.unstubAllEnvs());
    const before = openFiles();
    for (let n = 0; n < 5; n++) {
      await read(Readable.from([Buffer.from("mobiel\n0612345671\n")]));
      await expect(read(Readable.from([Buffer.from("naam\nJan\n")]))).rejects.toMatchObject({ exitCode: 2 });
      const file = await readContactsCsv(Readable.from([Buffer.from("mobiel\n0612345671\n")]), {
        country: "NL",
      });
      file.close();
      file.close();
    }
    expect(openFiles()).toBeLessThanOrEqual(before);
    expect(readdirSync(scratch)).toEqual([]);
  });

  it("that grows while it is read is an error: it is not what was looked at", async () => {
    const path = join(folder, "growing.csv");
    writeFileSync(path, "mobiel\n0612345671\n");
    const { batches } = await readContactsCsv(path, { country: "NL" });
    appendFileSync(path, "0612345672\n");
    const reading = async () => {
      for await (const _batch of batches);
    };
    await expect(reading()).rejects.toMatchObject({
      exitCode: 2,
      message: `${path} changed while it was read`,
    });
  });

  it("that is not there, or is a folder, is an error", async () => {
    await expect(read(join(folder, "none.csv"))).rejects.toMatchObject({
      exitCode: 2,
      message: `${join(folder, "none.csv")} does not exist`,
    });
    await expect(read(folder)).rejects.toMatchObject({
      exitCode: 2,
      message: `${folder} is a folder; name the CSV in it`,
    });
  });
});
