import { worker } from "../../src/db/identity.ts";
import { applyInbox } from "../../src/webhooks/inbox.ts";
import { makeCampaign, makeJobs, makeOrganization, makeRun, makeSender } from "../support/factories.ts";
import { startApi } from "./api.ts";
import { makeBroadcasts } from "./broadcast.ts";
import { tickProgram } from "./contenders.ts";
import { type Bench, type Figure, timed } from "./measure.ts";
import type { BenchDatabase, Place } from "./place.ts";
import { ownCpuSeconds, runProgram, serverCpuSeconds } from "./processes.ts";
import { statusBody } from "./webhook-bodies.ts";

const MESSAGES = 20_000;
const IN_A_BODY = 10;
const PHONE_NUMBER_ID = "9000";
const SPREAD = { senders: 12, people: 3_000 };
const WANTED = "aim 10 000";

/** Delivered, then read, of messages that were sent: raw bodies from the inbox to counters; alone, and while a tick sends. */
export const statuses: Bench = async (place) => [...(await alone(place)), ...(await besideATick(place))];

async function alone(place: Place): Promise<Figure[]> {
  const database = await place.newDatabase();
  const told = await makeSent(database);
  const rounds: { ms: number; own: number; server: number }[] = [];
  for (const status of ["delivered", "read"]) {
    await told.store(status);
    const [own, server] = [ownCpuSeconds(), serverCpuSeconds(place.postmaster)];
    const ms = await timed(() => applyInbox(database.database));
    rounds.push({
      ms,
      own: ownCpuSeconds() - own,
      server: serverCpuSeconds(place.postmaster) - server,
    });
  }
  await told.check();
  const micros = (seconds: number) => (seconds * 1e6) / MESSAGES;
  const least = (key: "ms" | "own" | "server") => Math.min(...rounds.map((round) => round[key]));
  return [
    {
      what: "statuses applied, alone",
      value: (MESSAGES / least("ms")) * 1000,
      unit: "a second",
      wanted: WANTED,
    },
    { what: "CPU of the client", value: micros(least("own")), unit: "µs/status" },
    { what: "CPU of PostgreSQL", value: micros(least("server")), unit: "µs/status" },
  ];
}

/** The tick has work for longer than the statuses take; its own inbox phase may help. */
async function besideATick(place: Place): Promise<Figure[]> {
  const api = await startApi(0);
  try {
    const database = await place.newDatabase();
    const told = await makeSent(database);
    const broadcasts = await makeBroadcasts(database, api.url, SPREAD);
    await broadcasts.start();
    const { args, env } = tickProgram(place, database, 200);
    let isSending = true;
    const tick = runProgram(args, env).finally(() => {
      isSending = false;
    });
    while ((await api.take()).accepted === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await told.store("delivered");
    const ms = await timed(async () => {
      while ((await told.waiting()) > 0) await applyInbox(database.database);
    });
    const wasSending = isSending;
    const { accepted } = await api.take();
    await tick;
    if (!wasSending) throw new Error("the tick was done before the statuses were: give it more people");
    return [
      {
        what: "statuses applied while a tick sends",
        value: (MESSAGES / ms) * 1000,
        unit: "a second",
        wanted: WANTED,
      },
      { what: "messages sent meanwhile", value: (accepted / ms) * 1000, unit: "a second" },
    ];
  } finally {
    api.stop();
  }
}

/** Messages of one campaign that were sent, and ways to tell what became of them. */
async function makeSent({ database, sql }: BenchDatabase) {
  const organization = await makeOrganization(database);
  const sender = { provider: "whatsapp-cloud", phoneNumberId: PHONE_NUMBER_ID } as const;
  await makeSender(database, organization, sender);
  const campaign = await makeCampaign(database, organization);
  await makeJobs(database, await makeRun(database, campaign), { sent: MESSAGES });
  await sql("analyze");
  const sent = await sql<{ wamid: string; jobId: string }>(
    "select provider_message_id as wamid, bulk_message_job_id as job_id from messages where organization_id = $1",
    [organization.id],
  );
  return {
    async store(status: string) {
      const bodies: string[] = [];
      for (let n = 0; n < sent.length; n += IN_A_BODY)
        bodies.push(statusBody(PHONE_NUMBER_ID, status, sent.slice(n, n + IN_A_BODY)));
      await database.transaction(worker, (tx) =>
        tx.run("insert into webhook_inbox (body, source) select b, 'bench' from unnest($1::text[]) as b", [
          bodies,
        ]),
      );
    },
    async waiting() {
      const [row] = await sql<{ n: number }>(
        "select count(*)::int as n from webhook_inbox where processed_at is null and error is null",
      );
      return row?.n ?? 0;
    },
    async check() {
      const [counted] = await sql<{ n: number }>(
        "select messages_read as n from bulk_campaigns where id = $1",
        [campaign.id],
      );
      if (counted?.n !== MESSAGES) throw new Error(`${counted?.n} of ${MESSAGES} are counted as read`);
    },
  };
}
