import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { runAdsapp } from "../support/program.ts";
import { makeWorld, type World } from "./world.ts";

let w: World;
beforeAll(async () => {
  w = await makeWorld();
});
afterAll(() => w.end());

/** The package's files that a run loaded: V8's own list. */
async function filesLoadedBy(...words: string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "adsapp-loaded-"));
  try {
    const env = { NODE_V8_COVERAGE: folder };
    const ran = await runAdsapp(words, { home: folder, databaseUrl: w.url, env });
    expect(ran).toMatchObject({ stderr: "", exitCode: 0 });
    return scriptsIn(folder)
      .filter((file) => file.includes(packageRoot()))
      .map((file) => basename(file))
      .sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function scriptsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith("coverage-"))
    .flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")).result as { url: string }[])
    .map(({ url }) => url);
}

const CORE = ["adsapp.js", "core.cjs", "load.cjs"];

it("loads the core alone for a tick without work", async () => {
  expect(await filesLoadedBy("tick")).toEqual(CORE);
});

it("loads the parser besides for help", async () => {
  const loaded = await filesLoadedBy("--help");
  expect(
    loaded.filter((file) => !CORE.includes(file) && !/^(program|esm|rolldown-runtime)\.cjs$/.test(file)),
  ).toEqual([]);
});

it("takes the compiled code that the build left", () => {
  const load = join(packageRoot(), "bin", "load.cjs");
  const { script } = process.getBuiltinModule("node:module").createRequire(load)(load).loadProgram();
  expect(script.cachedDataRejected).toBe(false);
});
