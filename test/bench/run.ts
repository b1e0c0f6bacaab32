// `npm run bench [NAME…]`: what is claimed about speed, measured. Compare the ratios of one run: machines are noisy.
import { idleTick } from "./idle-tick.ts";
import type { Bench, Place } from "./measure.ts";
import { withPlace } from "./place.ts";
import { sending } from "./sending.ts";

const BENCHES: Record<string, Bench> = { "idle-tick": idleTick, sending };

async function run(names: readonly string[], place: Place): Promise<void> {
  for (const name of names) {
    const bench = BENCHES[name];
    if (bench === undefined) throw new Error(`no bench "${name}": ${Object.keys(BENCHES).join(", ")}`);
    console.log(`\n${name}`);
    for (const { what, value } of await bench(place)) console.log(`  ${what.padEnd(58)} ${value}`);
  }
}

const asked = process.argv.slice(2);
await withPlace((place) => run(asked.length > 0 ? asked : Object.keys(BENCHES), place));
