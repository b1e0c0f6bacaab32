import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";

interface Locked {
  version?: string;
  license?: string;
  integrity?: string;
  resolved?: string;
  dev?: boolean;
  hasInstallScript?: boolean;
}

const json = <T>(name: string): T => JSON.parse(readFileSync(join(packageRoot(), name), "utf8")) as T;
const manifest = json<Record<string, Record<string, string>>>("package.json");
const lock = json<{ packages: Record<string, Locked> }>("package-lock.json").packages;
const installed = Object.entries(lock).filter(([path]) => path !== "");
const shipped = installed.filter(([, { dev }]) => dev !== true);

describe("the package", () => {
  it("holds what it needs to run and nothing else: no test, no source, no map, no dotfile, no secret", async () => {
    const cache = mkdtempSync(join(tmpdir(), "adsapp-pack-"));
    const pack = ["pack", "--dry-run", "--json", "--ignore-scripts", "--offline", "--cache", cache];
    const { stdout } = await promisify(execFile)("npm", pack, { cwd: packageRoot() });
    rmSync(cache, { recursive: true, force: true });
    const paths =
      (JSON.parse(stdout) as { files: { path: string }[] }[])[0]?.files.map(({ path }) => path) ?? [];
    const ALLOWED =
      /^(bin\/\w+\.(js|cjs|json)|dist\/(chunks\/)?[\w.-]+\.(js|cjs|sql|json)|dist\/licences\.txt|dist\/types\/[\w/-]+\.d\.ts|migrations\/(CONVENTIONS\.md|\d{3}_\w+\.(up|down)\.sql)|fixtures\/[\w./-]+\.(csv|yaml|json|ndjson|md)|docs\/reference\/schemas\/\w+\.json|package\.json|README\.md|CHANGELOG\.md)$/;
    expect(paths.filter((path) => !ALLOWED.test(path))).toEqual([]);
    for (const needed of [
      "bin/adsapp.js",
      "package.json",
      "README.md",
      "migrations/001_ground.up.sql",
      "dist/licences.txt",
    ])
      expect(paths).toContain(needed);
    expect(paths.filter((path) => path.startsWith("dist/")).length).toBeGreaterThan(10);
  });

  it("runs nothing of ours when it is installed but the build, and that only from a checkout", () => {
    const scripts = Object.keys(manifest.scripts ?? {}).filter((name) =>
      /install|prepack|postpack|prepare|publish/.test(name),
    );
    expect(scripts).toEqual(["prepare"]);
    expect(manifest.scripts?.prepare).toBe("node build.mjs --if-possible");
  });
});

describe("dependencies", () => {
  it("are few, and each is an exact version that the lockfile has too", () => {
    const asked = ["dependencies", "optionalDependencies", "devDependencies"].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}),
    );
    expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
    expect(asked.filter(([name, version]) => lock[`node_modules/${name}`]?.version !== version)).toEqual([]);
    expect(Object.keys(manifest.dependencies ?? {}).length).toBeLessThanOrEqual(20);
    expect(shipped.length).toBeLessThan(130);
  });

  it("are locked by their hash, from the registry that npm is set to and no other place", () => {
    expect(
      installed.filter(([, { integrity }]) => !integrity?.startsWith("sha512-")).map(([path]) => path),
    ).toEqual([]);
    const strange = installed.filter(
      ([, { resolved }]) => resolved !== undefined && !/^https:\/\//.test(resolved),
    );
    expect(strange.map(([path]) => path)).toEqual([]);
  });

  it("that are shipped have licences that let it be used and passed on", () => {
    const free = new Set(["MIT", "ISC"]); // what docs/security.md says
    expect(shipped.filter(([, { license }]) => !free.has(license ?? "")).map(([path]) => path)).toEqual([]);
  });

  it("that are bundled into dist/ have the text of their licence beside it", () => {
    const texts = readFileSync(join(packageRoot(), "dist", "licences.txt"), "utf8").split(/\n-{80}\n/);
    const names = texts.map((text) => /^(\S+) \d/.exec(text.trim())?.[1]);
    expect(names).toEqual(
      expect.arrayContaining(["pg", "pg-pool", "commander", "luxon", "csv-parse", "chalk"]),
    );
    expect(texts.filter((text) => !/permission|\bISC\b|\bMIT\b/i.test(text))).toEqual([]);
    const strange = names.filter((name) => lock[`node_modules/${name}`]?.dev === true);
    expect(strange).toEqual([]);
  });

  it("run no script when they are installed: those that would are named and refused", () => {
    const scripted = installed.filter(([, { hasInstallScript }]) => hasInstallScript === true);
    const names = scripted.map(([path]) => path.replace(/^.*node_modules\//, ""));
    const refused = Object.entries(manifest.allowScripts ?? {}).filter(
      ([, allowed]) => String(allowed) === "false",
    );
    const optional = new Set(["fsevents"]); // a development tool's, on macOS alone
    expect(names.filter((name) => !optional.has(name)).toSorted()).toEqual(
      refused.map(([name]) => name).toSorted(),
    );
  });
});
