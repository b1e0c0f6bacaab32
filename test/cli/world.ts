import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Database } from "../../src/db/database.ts";
import { createTestDatabase } from "../support/database.ts";
import { type Ran, type RunOptions, runAdsapp } from "../support/program.ts";

/** A database and a state folder of their own, and the program on them. */
export interface World {
  database: Database;
  url: string;
  home: string;
  /** runs `adsapp` with these words, split at blanks (an array where they hold some) */
  adsapp(words: string | readonly string[], options?: RunOptions): Promise<Ran>;
  /** what it prints with --json; @throws with what it said when it did not end with 0 */
  json<T>(words: string | readonly string[], options?: RunOptions): Promise<T>;
  end(): Promise<void>;
}

export async function makeWorld(): Promise<World> {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const home = mkdtempSync(join(tmpdir(), "adsapp-world-"));
  const adsapp: World["adsapp"] = (words, options = {}) =>
    runAdsapp(typeof words === "string" ? words.split(" ") : words, {
      databaseUrl: testDatabase.url,
      home,
      ...options,
    });
  return {
    database,
    url: testDatabase.url,
    home,
    adsapp,
    async json<T>(words: string | readonly string[], options?: RunOptions) {
      const list = typeof words === "string" ? words.split(" ") : words;
      const { stdout, stderr, exitCode } = await adsapp([...list, "--json"], options);
      if (exitCode !== 0) throw new Error(`${list.join(" ")} ended with ${exitCode}: ${stderr}`);
      return JSON.parse(stdout) as T;
    },
    async end() {
      await database.close();
      await testDatabase.drop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
