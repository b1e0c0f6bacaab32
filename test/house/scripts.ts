import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { createTestDatabase } from "../support/database.ts";

const root = packageRoot();

export const read = (name: string) => readFileSync(join(root, name), "utf8");

/** All ```bash blocks of a page, as one script. */
export function scriptOf(page: string): string {
  return [...read(page).matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block]) => block).join("\n");
}

/** Runs a script in an empty folder, with `adsapp` on the PATH and a database of its own. */
export async function runScript(script: string): Promise<{ code: number | null; output: string }> {
  const testDatabase = await createTestDatabase();
  const folder = mkdtempSync(join(tmpdir(), "adsapp-docs-"));
  onTestFinished(async () => {
    await testDatabase.drop();
    rmSync(folder, { recursive: true, force: true });
  });
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const shim = `#!/bin/sh\nexec "${process.execPath}" "${join(root, "bin/adsapp.js")}" "$@"\n`;
  writeFileSync(join(bin, "adsapp"), shim, { mode: 0o755 });
  symlinkSync(join(root, "fixtures"), join(folder, "fixtures"));
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: folder, DATABASE_URL: testDatabase.url, TZ: "UTC" };
  const child = spawn("bash", ["-euo", "pipefail", "-c", script], {
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
