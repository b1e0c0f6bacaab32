import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runAdsappProcess } from "../support/program.ts";

let home: string;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "adsapp-quickstart-"));
});

afterAll(async () => {
  await runAdsappProcess(["db", "reset", "--yes"], { home: join(home, "quickstart") });
  rmSync(home, { recursive: true, force: true });
});

describe("the quickstart", () => {
  it("shows the whole loop on an embedded PostgreSQL of its own, never DATABASE_URL, and works a second time", async () => {
    const elsewhere = {
      home,
      databaseUrl: "postgresql://nobody@127.0.0.1:1/nothing",
      env: { ADSAPP_ORG: "other" },
    };
    for (const slug of ["demo", "demo-2"]) {
      const ran = await runAdsappProcess(["quickstart"], elsewhere);
      expect(ran.exitCode, ran.stderr).toBe(0);
      expect(ran.stdout).toContain(`$ adsapp campaign start "Black Friday Sale" --org ${slug}`);
      expect(ran.stdout).toMatch(/every_table_is_walled\s+yes\s+0/);
      const [sent, delivered] = reported(ran.stdout);
      const ledger = readFileSync(join(home, "quickstart", `${slug}-simulator.ndjson`), "utf8");
      expect(sent).toBe(count(ledger, '"event":"accepted"'));
      expect(delivered).toBe(count(ledger, '"event":"delivered"'));
    }
  });
});

/** Sent and delivered, from the report's line. */
function reported(output: string): number[] {
  const line = output.split("\n").find((text) => /^\d{4}-\d\d-\d\d {2}Black Friday Sale/.test(text)) ?? "";
  return (line.split("Sale")[1] ?? "").trim().split(/\s+/).map(Number);
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
