import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportForSupabase } from "../../src/db/supabase.ts";
import { runAdsapp } from "../support/program.ts";
import { folderOf, NAMES, temporaryFolder } from "./migrating.ts";

const NOW = new Date("2026-11-27T10:00:00Z");
const filesIn = (project: string) => readdirSync(join(project, "supabase", "migrations")).sort();

describe("migrate export --supabase", () => {
  it("writes a file a migration, in the order in which Supabase runs them", () => {
    const project = temporaryFolder();
    const files = exportForSupabase(project, NOW);
    expect(files.every(({ written }) => written)).toBe(true);
    expect(filesIn(project).map((file) => file.replace(/^\d{14}_adsapp_|\.sql$/g, ""))).toEqual(NAMES);
    expect(filesIn(project)[0]).toBe("20261127100000_adsapp_001_ground.sql");
    expect(filesIn(project)[1]).toBe("20261127100001_adsapp_002_senders.sql");
  });

  it("run again it adds what is new, after all that is there, and leaves the rest", () => {
    const project = temporaryFolder();
    exportForSupabase(project, NOW, folderOf(3));
    const before = filesIn(project);
    writeFileSync(join(project, "supabase", "migrations", "20270101000059_own.sql"), "select 1;\n");
    const again = exportForSupabase(project, new Date("2026-12-01T00:00:00Z"), folderOf(4));
    expect(again.map(({ written }) => written)).toEqual([false, false, false, true]);
    expect(filesIn(project)).toEqual([
      ...before,
      "20270101000059_own.sql",
      `20270101000100_adsapp_${NAMES[3]}.sql`,
    ]);
    expect(exportForSupabase(project, NOW, folderOf(4)).some(({ written }) => written)).toBe(false);
  });

  it("writes nothing when a file of an earlier export was edited, and says which", () => {
    const project = temporaryFolder();
    exportForSupabase(project, NOW, folderOf(2));
    const edited = join(project, "supabase", "migrations", filesIn(project)[1] as string);
    appendFileSync(edited, "drop table senders;\n");
    expect(() => exportForSupabase(project, NOW, folderOf(3))).toThrow(
      `${edited} is not as adsapp writes it`,
    );
    expect(filesIn(project)).toHaveLength(2);
  });

  it("as a command needs no database, and a folder that is there", async () => {
    const project = temporaryFolder();
    mkdirSync(join(project, "shop"));
    const env = { DATABASE_URL: "postgresql://127.0.0.1:1/x" };
    const ran = await runAdsapp(["migrate", "export", "--supabase", "shop", "--json"], { cwd: project, env });
    expect(ran.exitCode, ran.stderr).toBe(0);
    expect(JSON.parse(ran.stdout)).toHaveLength(NAMES.length);
    expect(
      readFileSync(
        join(project, "shop/supabase/migrations", filesIn(join(project, "shop"))[0] as string),
        "utf8",
      ),
    ).toMatch(/^-- adsapp, 001_ground: written by adsapp migrate export/);
    const missing = await runAdsapp(["migrate", "export", "--supabase", "nowhere"], { cwd: project, env });
    expect(missing).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/there is no folder nowhere/),
    });
  });
});
