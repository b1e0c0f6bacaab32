import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { createTestDatabase } from "../support/database.ts";
import { renderedReadme } from "../support/docs.ts";

const root = packageRoot();
const read = (name: string) => readFileSync(join(root, name), "utf8");

const guides = ["README.md", ...readdirSync(join(root, "docs/guide")).map((name) => `docs/guide/${name}`)];

/** All ```bash blocks of a page, as one script. */
function scriptOf(page: string): string {
  return [...read(page).matchAll(/^```bash\n(.*?)^```$/gms)].map(([, block]) => block).join("\n");
}

/** Runs a script in an empty folder, with `adsapp` on the PATH and a database of its own. */
async function runScript(script: string): Promise<{ code: number | null; output: string }> {
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

describe("the docs", () => {
  it.each(guides)("%s: its commands run as they stand there", async (page) => {
    const { code, output } = await runScript(scriptOf(page));
    expect(code, output).toBe(0);
    expect(output).toMatch(/every_table_is_walled\s+yes\s+0/);
  });

  it("README.md lists every command (npm run docs)", () => {
    expect(read("README.md")).toBe(renderedReadme());
  });

  it("README.md stays under 200 lines", () => {
    expect(read("README.md").split("\n").length).toBeLessThan(200);
  });

  it("point to pages that exist", () => {
    const pages = [
      ...guides,
      ...readdirSync(join(root, "docs/reference")).map((name) => `docs/reference/${name}`),
    ];
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:)([^)#]+)/g)]
        .map(([, target]) => join(root, dirname(page), target as string))
        .filter((target) => !readdirSync(dirname(target)).includes(target.split("/").at(-1) as string)),
    );
    expect(dead).toEqual([]);
  });
});
