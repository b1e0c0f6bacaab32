import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { publish, removeInOneStep } from "../../src/db/embedded/drafts.ts";

let folder: string;
let target: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "adsapp-drafts-"));
  target = join(folder, "data");
});

afterEach(() => rm(folder, { recursive: true }));

const build = async (draft: string) => writeFileSync(join(draft, "MARK"), draft);

describe("a folder that is built beside its place", () => {
  it("is built by one of many, and the others wait for it", async () => {
    let builds = 0;
    const builders = [1, 2, 3, 4, 5].map(() =>
      publish(target, "MARK", async (draft) => {
        builds += 1;
        await new Promise(setImmediate);
        await build(draft);
      }),
    );
    await Promise.all(builders);
    expect(builds).toBe(1);
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  it("is built by the next when the first fails", async () => {
    const failing = publish(target, "MARK", async () => {
      throw new Error("disk full");
    });
    const [first, second] = await Promise.allSettled([failing, publish(target, "MARK", build)]);
    expect(first).toMatchObject({ reason: new Error("disk full") });
    expect(second.status).toBe("fulfilled");
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  it("does not wait for a killed builder, nor for one of before this machine started, and clears up after them", async () => {
    const dead = spawnSync(process.execPath, ["--version"]).pid;
    const later = (process.hrtime.bigint() + 10n ** 15n).toString().padStart(20, "0");
    for (const name of [`data.draft-${"1".padStart(20, "0")}-${dead}-0`, `data.draft-${later}-1-0`]) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "half"), "");
    }
    await publish(target, "MARK", build);
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  it("is thrown away when another was quicker", async () => {
    await publish(target, "MARK", async (draft) => {
      mkdirSync(target);
      writeFileSync(join(target, "MARK"), "quicker");
      await build(draft);
    });
    expect(readFileSync(join(target, "MARK"), "utf8")).toBe("quicker");
    expect(readdirSync(folder)).toEqual(["data"]);
  });

  it("leaves its place in one step, too", async () => {
    await publish(target, "MARK", build);
    await removeInOneStep(target, async (moved) => {
      expect(readdirSync(folder)).not.toContain("data");
      expect(readdirSync(moved)).toEqual(["MARK"]);
    });
    await removeInOneStep(target, async () => {});
    expect(readdirSync(folder)).toEqual([]);
  });
});
