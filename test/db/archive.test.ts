import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pack, unpack } from "../../src/db/embedded/archive.ts";

const FILES = 100;
let folder: string;
const below = (name: string) => join(folder, name);
const ignore = () => {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "adsapp-archive-"));
  mkdirSync(below("from"));
  for (let n = 0; n < FILES; n++) writeFileSync(below(`from/f${n}`), Buffer.alloc(500 * (n % 50), n));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a packed folder", () => {
  it("comes out as it went in, each time: tar goes before it has read what stands behind the archive's end", async () => {
    for (let n = 0; n < 20; n++) {
      const [file, to] = [below(`x${n}.tar${n % 2 === 0 ? "" : ".gz"}`), below(`to${n}`)];
      await pack(below("from"), file, ignore, async () => {});
      mkdirSync(to);
      await unpack(file, to, ignore);
      expect(readdirSync(to)).toHaveLength(FILES);
    }
    expect(readFileSync(below("to1/f49")).equals(readFileSync(below("from/f49")))).toBe(true);
  });

  it.each(["cut.tar", "cut.tar.gz"])("that was cut off is no backup: %s", async (name) => {
    await pack(below("from"), below(`whole-${name}`), ignore, async () => {});
    const whole = readFileSync(below(`whole-${name}`));
    writeFileSync(below(name), whole.subarray(0, whole.length / 2));
    mkdirSync(below(`to-${name}`));
    await expect(unpack(below(name), below(`to-${name}`), ignore)).rejects.toThrow(/is no whole backup/);
  });

  it("that is not to be kept leaves no file", async () => {
    const check = async () => {
      throw new Error("no");
    };
    await expect(pack(below("from"), below("gone.tar"), ignore, check)).rejects.toThrow("no");
    expect(readdirSync(folder).filter((name) => name.startsWith("gone"))).toEqual([]);
  });
});
