// The sample bodies of the reference (§5, §6), as they lie in fixtures/webhooks.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../src/root.ts";

const FOLDER = join(packageRoot(), "fixtures", "webhooks");

export const SAMPLES: readonly string[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => file.replace(/\.json$/, ""))
  .toSorted();

/** The bytes of one, as they would come in. */
export const sample = (name: string): string => readFileSync(join(FOLDER, `${name}.json`), "utf8");
