import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { Pool } from "undici";
import { signBody } from "../../src/webhooks/signature.ts";
import { APP_SECRET, serveWebhooks } from "../webhooks/serving.ts";
import { startApi } from "./api.ts";
import type { Bench, Figure } from "./measure.ts";
import { endedChildrenCpuSeconds, serverCpuSeconds } from "./processes.ts";
import { statusBody } from "./webhook-bodies.ts";

const A_SECOND = Number(process.env.ADSAPP_BENCH_POSTS ?? 500);
const SECONDS = 10;
const WARM_UP_SECONDS = 2;
const IN_A_BODY = 3;

/**
 * `webhook serve` under a steady stream of signed bodies, each answered when it is committed; beside it the same stream to
 * a server that does nothing, which shows what this machine and this client do by themselves.
 */
export const receiver: Bench = async (place) => {
  const { url, sql } = await place.newDatabase();
  const api = await startApi(0);
  try {
    const bare = await stream(new URL(api.url).origin);
    const [client, server] = [endedChildrenCpuSeconds(), serverCpuSeconds(place.postmaster)];
    const serving = await serveWebhooks(url);
    const served = await stream(serving.url).finally(() => serving.end());
    const micros = (seconds: number) => (seconds * 1e6) / ((SECONDS + WARM_UP_SECONDS) * A_SECOND);
    const cpu = {
      client: micros(endedChildrenCpuSeconds() - client),
      server: micros(serverCpuSeconds(place.postmaster) - server),
    };
    const [row] = await sql<{ n: number }>("select count(*)::int as n from webhook_inbox");
    const wanted = (SECONDS + WARM_UP_SECONDS) * A_SECOND;
    if (row?.n !== wanted) throw new Error(`${row?.n} of ${wanted} bodies are stored`);
    return [
      ...figures(`webhook serve, ${A_SECOND} posts a second`, served, "aim 20"),
      { what: "CPU of webhook serve, its start included", value: cpu.client, unit: "µs/post" },
      { what: "CPU of PostgreSQL", value: cpu.server, unit: "µs/post" },
      ...figures("a server that does nothing, the same", bare),
    ];
  } finally {
    api.stop();
  }
};

/** Posts at their times, whether the ones before are answered or not. @returns ms from a post's time to its answer, sorted */
async function stream(origin: string): Promise<number[]> {
  const pool = new Pool(origin, { connections: 32 });
  const bodies = Array.from({ length: (SECONDS + WARM_UP_SECONDS) * A_SECOND }, signedBody);
  const began = performance.now();
  const answers: Promise<number>[] = [];
  for (const [n, { body, signature }] of bodies.entries()) {
    const due = began + (n * 1000) / A_SECOND;
    if (performance.now() < due) await wait(due - performance.now());
    answers.push(post(pool, body, signature).then(() => performance.now() - due));
  }
  const times = await Promise.all(answers);
  await pool.close();
  return times.slice(WARM_UP_SECONDS * A_SECOND).sort((a, b) => a - b);
}

async function post(pool: Pool, body: string, signature: string): Promise<void> {
  const headers = { "content-type": "application/json", "x-hub-signature-256": signature };
  const answer = await pool.request({ method: "POST", path: "/webhook", headers, body });
  await answer.body.dump();
  if (answer.statusCode !== 200) throw new Error(`a body was answered with ${answer.statusCode}`);
}

function signedBody() {
  const messages = Array.from({ length: IN_A_BODY }, () => ({
    wamid: `wamid.${randomUUID()}`,
    jobId: randomUUID(),
  }));
  const body = statusBody("1000", "delivered", messages);
  return { body, signature: signBody(body, APP_SECRET) };
}

function figures(what: string, times: readonly number[], wanted?: string): Figure[] {
  const at = (share: number) => times[Math.ceil(times.length * share) - 1] ?? Number.NaN;
  return [
    { what: `${what}: median`, value: at(0.5), unit: "ms" },
    {
      what: `${what}: 99th percentile`,
      value: at(0.99),
      unit: "ms",
      ...(wanted === undefined ? {} : { wanted }),
    },
  ];
}
