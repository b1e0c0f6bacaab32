import { type Api, startApi } from "./api.ts";
import { adsappTick, type Condition, type Contender, httpOnly, rowByRow } from "./contenders.ts";
import { type Bench, type Figure, interleaved, median } from "./measure.ts";
import { installPeers } from "./peers.ts";
import type { Place } from "./place.ts";
import { runProgram, serverCpuSeconds } from "./processes.ts";

const ROUNDS = Number(process.env.ADSAPP_BENCH_ROUNDS ?? 3);
const SPREAD = { senders: 12, people: 5_000 }; // a large broadcast, as people send them
const MESSAGES = SPREAD.senders * SPREAD.people;
const PEERS_MESSAGES = 3_000;

interface Measured {
  /** messages a second, from the first POST to the end of the process */
  rate: number;
  /** µs a message */
  cpu: number;
  serverCpu: number;
  peakMemoryMb: number;
}

/** adsapp against the bare POSTs, the source document's loop and two job queues: the same requests and rows for all. */
export const sending: Bench = async (place) => {
  const apis = { near: await startApi(0), far: await startApi(50) };
  try {
    return await compare(place, apis.near, apis.far);
  } finally {
    apis.near.stop();
    apis.far.stop();
  }
};

async function compare(place: Place, near: Api, far: Api): Promise<Figure[]> {
  const at = (api: Api, atOnce: number): Condition => ({ apiUrl: api.url, atOnce });
  const peer = (program: string, counting: "none" | "row triggers") =>
    rowByRow(place, at(near, 200), { program, messages: PEERS_MESSAGES, counting, fill: true });
  const loop = (api: Api, messages: number) =>
    rowByRow(place, at(api, 1), {
      program: "document-loop",
      messages,
      counting: "row triggers",
      fill: false,
    });
  const contenders: Record<string, [Api, Contender]> = {
    "HTTP only, 0 ms": [near, httpOnly(at(near, 200), MESSAGES)],
    "adsapp tick, 0 ms": [near, await adsappTick(place, at(near, 200), SPREAD)],
    "HTTP only, 50 ms, 200 at once": [far, httpOnly(at(far, 200), MESSAGES)],
    "adsapp tick, 50 ms, 200 at once": [far, await adsappTick(place, at(far, 200), SPREAD)],
    "HTTP only, 50 ms, 500 at once": [far, httpOnly(at(far, 500), MESSAGES)],
    "adsapp tick, 50 ms, 500 at once": [far, await adsappTick(place, at(far, 500), SPREAD)],
    "document's loop, 0 ms": [near, await loop(near, 300)],
    "document's loop, 50 ms": [far, await loop(far, 60)],
  };
  if (installPeers()) {
    contenders["graphile-worker, 0 ms"] = [near, await peer("graphile-worker", "none")];
    contenders["graphile-worker with row triggers, 0 ms"] = [
      near,
      await peer("graphile-worker", "row triggers"),
    ];
    contenders["pg-boss, 0 ms"] = [near, await peer("pg-boss", "none")];
  }
  const chosen = Object.entries(contenders).filter(([name]) =>
    name.includes(process.env.ADSAPP_BENCH_ONLY ?? ""),
  );
  const runs = Object.fromEntries(
    chosen.map(([name, [api, contender]]) => [name, () => measure(place, api, name, contender)]),
  );
  return figuresOf(await interleaved(ROUNDS, runs));
}

async function measure(place: Place, api: Api, name: string, contender: Contender): Promise<Measured> {
  const { messages, args, env } = contender;
  await contender.prepare();
  await api.take();
  const server = serverCpuSeconds(place.postmaster);
  const { endedAt, cpuSeconds, peakMemoryMb } = await runProgram(args, env);
  const serverCpu = serverCpuSeconds(place.postmaster) - server;
  const { accepted, firstAt } = await api.take();
  const sent = await contender.sent();
  if (accepted !== messages || sent !== messages)
    throw new Error(`${name}: ${accepted} POSTs and ${sent} rows of ${messages} messages`);
  const rate = messages / ((endedAt - firstAt) / 1000);
  process.stderr.write(`    ${name}: ${rate.toFixed(0)}/s\n`);
  const micros = (seconds: number) => (seconds * 1e6) / messages;
  return { rate, cpu: micros(cpuSeconds), serverCpu: micros(serverCpu), peakMemoryMb };
}

function figuresOf(results: Record<string, Measured[]>): Figure[] {
  const middle = (name: string, key: keyof Measured) =>
    median((results[name] ?? []).map((each) => each[key]));
  /** of each round by itself: the machine's speed changes between them */
  const ratios = (over: string, under: string, key: keyof Measured) =>
    (results[over] ?? []).map((each, round) => each[key] / (results[under]?.[round]?.[key] ?? Number.NaN));
  const figures = Object.keys(results).flatMap((name) => [
    { what: name, value: middle(name, "rate"), unit: "messages/s" },
    { what: `${name}: CPU of the client`, value: middle(name, "cpu"), unit: "µs/message" },
    { what: `${name}: CPU of PostgreSQL`, value: middle(name, "serverCpu"), unit: "µs/message" },
    { what: `${name}: peak memory`, value: middle(name, "peakMemoryMb"), unit: "MB" },
  ]);
  const ratio = (
    what: string,
    [over, under]: [string, string],
    wanted: string,
    key: keyof Measured = "rate",
  ): Figure[] =>
    results[over] === undefined || results[under] === undefined
      ? []
      : [{ what, value: median(ratios(over, under, key)), unit: "", wanted }];
  const near = "adsapp tick, 0 ms";
  const far = "adsapp tick, 50 ms, 200 at once";
  return [
    ...figures,
    ...ratio("0 ms: share of HTTP only", [near, "HTTP only, 0 ms"], "at least 0.5, aim 0.65"),
    ...ratio("0 ms: client CPU, times HTTP only", [near, "HTTP only, 0 ms"], "at most 1.6, aim 1.3", "cpu"),
    ...ratio(
      "50 ms, 200 at once: share of HTTP only",
      [far, "HTTP only, 50 ms, 200 at once"],
      "at least 0.95, aim 0.99",
    ),
    ...ratio(
      "50 ms, 500 at once: share of HTTP only",
      ["adsapp tick, 50 ms, 500 at once", "HTTP only, 50 ms, 500 at once"],
      "at least 0.95, aim 0.99",
    ),
    ...ratio("0 ms: times graphile-worker", [near, "graphile-worker, 0 ms"], "at least 3.5, aim 4.5"),
    ...ratio(
      "0 ms: times graphile-worker with row triggers",
      [near, "graphile-worker with row triggers, 0 ms"],
      "at least 10, aim 13",
    ),
    ...ratio("0 ms: times pg-boss", [near, "pg-boss, 0 ms"], "at least 4, aim 5"),
    ...ratio("50 ms: times the document's loop", [far, "document's loop, 50 ms"], "at least 150, aim 180"),
  ];
}
