import { spawn } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { createTestDatabase } from "../support/database.ts";

const root = packageRoot();

export const read = (name: string) => readFileSync(join(root, name), "utf8");

/** Every page: the README, the changelog and all below docs/. */
export function pagesOfDocs(): string[] {
  const below = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" });
  return [
    "README.md",
    "CHANGELOG.md",
    ...below.filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
  ];
}

/** All ```bash blocks of a page, as one script. */
export function scriptOf(page: string): string {
  return [...read(page).matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block]) => block).join("\n");
}

/** What the pages of users find in their folder: the fixtures, and the library. */
function furnish(folder: string): void {
  symlinkSync(join(root, "fixtures"), join(folder, "fixtures"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "adsapp"));
}

/**
 * Runs a script in a folder of its own, with `adsapp` on the PATH and a database of its own.
 * @param given.prepare puts into the folder what the script finds there; `adsapp` is the folder's own where it has one
 * @param given.embedded as on a machine where nothing is set: adsapp brings its own PostgreSQL, which is stopped at the end
 */
export async function runScript(
  script: string,
  { prepare = furnish, embedded = false }: { prepare?: (folder: string) => void; embedded?: boolean } = {},
): Promise<{ code: number | null; output: string }> {
  const testDatabase = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "adsapp-docs-"));
  onTestFinished(async () => {
    await testDatabase.drop();
    rmSync(folder, { recursive: true, force: true });
  });
  const bin = join(folder, ".on-the-path");
  prepare(folder);
  const own = join(folder, "bin", "adsapp.js");
  const program = existsSync(own) ? own : join(root, "bin/adsapp.js");
  const shim = `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`;
  mkdirSync(bin);
  writeFileSync(join(bin, "adsapp"), shim, { mode: 0o755 });
  chmodSync(folder, 0o755); // root's PostgreSQL runs as another user
  const database = embedded ? {} : { DATABASE_URL: testDatabase.url };
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: folder, TZ: "UTC", ...database };
  const whole = embedded ? `trap 'adsapp db reset --yes' EXIT\n${script}` : script;
  const child = spawn("bash", ["-euo", "pipefail", "-c", whole], {
    cwd: folder,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (text: Buffer) => output.push(text.toString()));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, output: output.join("") };
}
