import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { createTestDatabase } from "../support/database.ts";
import { runAdsapp } from "../support/program.ts";

/** V8's own list of the scripts that a run loaded; bundled ones name their packages in comments. */
async function packagesLoadedBy(words: readonly string[], databaseUrl = "nonsense"): Promise<Set<string>> {
  const folder = mkdtempSync(join(tmpdir(), "adsapp-loaded-"));
  try {
    const ran = await runAdsapp(words, { home: folder, databaseUrl, env: { NODE_V8_COVERAGE: folder } });
    expect(ran).toMatchObject({ stderr: "", exitCode: 0 });
    return new Set(scriptsIn(folder).flatMap(packagesOf));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function scriptsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith("coverage-"))
    .flatMap((name) => JSON.parse(readFileSync(join(folder, name), "utf8")).result as { url: string }[])
    .map(({ url }) => url)
    .filter((url) => url.startsWith("file:"))
    .map((url) => fileURLToPath(url));
}

function packagesOf(file: string): string[] {
  const names = `${file}\n${readFileSync(file, "utf8")}`.matchAll(
    /node_modules\/((?:@[\w.-]+\/)?[\w.-]+)\//g,
  );
  return [...names].map(([, name = ""]) => name);
}

it("loads commander and nothing else for help", async () => {
  expect([...(await packagesLoadedBy(["--help"]))]).toEqual(["commander"]);
  expect([...(await packagesLoadedBy(["tick", "--help"]))]).toEqual(["commander"]);
});

it("loads the database's client and no more for a tick without work", async () => {
  const database = await createTestDatabase();
  try {
    const loaded = await packagesLoadedBy(["tick"], database.url);
    expect([...loaded].filter((name) => !/^(pg|pg-.*|pgpass|postgres-.*|split2|xtend)$/.test(name))).toEqual([
      "commander",
    ]);
  } finally {
    await database.drop();
  }
});
