import { Readable } from "node:stream";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { readContactsCsv } from "../../src/contacts/csv/read.ts";
import { DUTCH_HEADER, dutchRows } from "../support/dutch-contacts.ts";

const PEOPLE = 200_000;
const BETWEEN_LOOKS = 20_000;
const MEGABYTE = 1024 * 1024;

function* generatedFile(): Generator<Buffer> {
  yield Buffer.from(`${DUTCH_HEADER}\n`);
  let lines: string[] = [];
  for (const row of dutchRows(PEOPLE)) {
    if (lines.push(row) < 1_000) continue;
    yield Buffer.from(`${lines.join("\n")}\n`);
    lines = [];
  }
}

/** What is reachable, after collecting what is not. */
function memoryInUse(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

it("200,000 rows are read in flat memory: what is in use grows by less than 12 MB", async () => {
  const { batches } = await readContactsCsv(Readable.from(generatedFile()), { country: "NL" });
  const looks: number[] = [];
  let rows = 0;
  for await (const batch of batches) {
    rows += batch.length;
    if (rows >= (looks.length + 1) * BETWEEN_LOOKS) looks.push(memoryInUse());
  }
  expect(rows).toBe(PEOPLE);
  expect(looks).toHaveLength(PEOPLE / BETWEEN_LOOKS);
  const growth = Math.min(...looks.slice(-3)) - Math.min(...looks.slice(0, 3)); // what leaks is there at each look; what the runner holds is not
  expect(growth / MEGABYTE).toBeLessThan(12);
});
