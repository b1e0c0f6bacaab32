import { startApi } from "./api.ts";
import { adsappTick } from "./contenders.ts";
import type { Bench } from "./measure.ts";
import { runProgram } from "./processes.ts";

const PEOPLE = Number(process.env.ADSAPP_BENCH_PEOPLE ?? 1_000_000);
const SECONDS = "20";

/** The peak memory of a tick that finds a million due rows. It works on them for 20 s: windows are all that it holds. */
export const memory: Bench = async (place) => {
  const api = await startApi(0);
  try {
    const spread = { senders: 4, people: PEOPLE / 4 };
    const { prepare, args, env } = await adsappTick(place, { apiUrl: api.url, atOnce: 200 }, spread);
    await prepare();
    const tick = args.filter((word) => word !== "--drain");
    const { peakMemoryMb } = await runProgram([...tick, "--budget", SECONDS], env);
    const { accepted } = await api.take();
    return [
      { what: `messages sent in ${SECONDS} s of ${PEOPLE} due`, value: accepted, unit: "" },
      { what: "peak memory of the tick", value: peakMemoryMb, unit: "MB", wanted: "at most 200, aim 120" },
    ];
  } finally {
    api.stop();
  }
};
