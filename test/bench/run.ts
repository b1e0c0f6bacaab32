// `npm run bench [NAME…]`: what is claimed about speed, measured. Compare the ratios of one run: machines are noisy.
// ADSAPP_BENCH_ROUNDS (3), ADSAPP_BENCH_JSON (a file for the figures).
import { writeFileSync } from "node:fs";
import { claimCost } from "./claim-cost.ts";
import { coldStart } from "./cold-start.ts";
import { expansion } from "./expansion.ts";
import { importing } from "./import.ts";
import { type Bench, type Figure, show } from "./measure.ts";
import { memory } from "./memory.ts";
import { withPlace } from "./place.ts";
import { receiver } from "./receiver.ts";
import { reports } from "./reports.ts";
import { segment } from "./segment.ts";
import { sending } from "./sending.ts";
import { statuses } from "./statuses.ts";
import { upkeep } from "./upkeep.ts";

const BENCHES: Record<string, Bench> = {
  "cold-start": coldStart,
  sending,
  "claim-cost": claimCost,
  expansion,
  segment,
  statuses,
  receiver,
  reports,
  import: importing,
  memory,
  upkeep,
};

const asked = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHES);
const unknown = asked.find((name) => BENCHES[name] === undefined);
if (unknown !== undefined) throw new Error(`no bench "${unknown}": ${Object.keys(BENCHES).join(", ")}`);

const results: Record<string, Figure[]> = {};
for (const name of asked) {
  console.log(`\n${name}`);
  await withPlace(async (place) => {
    const figures = (await BENCHES[name]?.(place)) ?? [];
    for (const figure of figures) console.log(show(figure));
    results[name] = figures;
  });
}
const file = process.env.ADSAPP_BENCH_JSON ?? "bench.json";
writeFileSync(file, `${JSON.stringify({ at: new Date(), node: process.version, results }, null, 2)}\n`);
console.log(`\nwritten to ${file}`);
