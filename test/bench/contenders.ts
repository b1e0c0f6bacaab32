// Who sends, each as a program of its own on a database of its own.
import { join } from "node:path";
import { packageRoot } from "../../src/root.ts";
import { type Broadcasts, makeBroadcasts } from "./broadcast.ts";
import { candidate } from "./peers.ts";
import type { BenchDatabase, Place } from "./place.ts";
import { runProgram } from "./processes.ts";

/** One way to send: `prepare` makes the rows (not measured), `args` and `env` are the program that sends them. */
export interface Contender {
  messages: number;
  prepare(): Promise<void>;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** rows that say so afterwards */
  sent(): Promise<number>;
}

export interface Condition {
  apiUrl: string;
  atOnce: number;
}

export function httpOnly({ apiUrl, atOnce }: Condition, messages: number): Contender {
  const args = [candidate("http-only"), apiUrl, String(messages), String(atOnce)];
  return { messages, args, env: {}, prepare: async () => {}, sent: async () => messages };
}

/** A number sends a thousand a second at most, so that the work is spread over some. */
export async function adsappTick(
  place: Place,
  { apiUrl, atOnce }: Condition,
  spread: { senders: number; people: number },
): Promise<Contender> {
  const database = await place.newDatabase();
  const broadcasts = await makeBroadcasts(database, apiUrl, spread);
  return {
    messages: spread.senders * spread.people,
    ...tickProgram(place, database, atOnce),
    prepare: broadcasts.start,
    sent: broadcasts.sent,
  };
}

/** `adsapp tick --drain` on a database. @param atOnce POSTs that may be open */
export function tickProgram(
  place: Place,
  { url }: BenchDatabase,
  atOnce: number,
): Pick<Contender, "args" | "env"> {
  return {
    args: [join(packageRoot(), "bin", "adsapp.js"), "tick", "--drain"],
    env: {
      DATABASE_URL: url,
      ADSAPP_HOME: place.home,
      WHATSAPP_TOKEN: "token",
      ADSAPP_CONCURRENCY: String(atOnce),
    },
  };
}

export type Counting = "none" | "row triggers";

/** A queue (or a loop) that writes a message's rows one by one; without adsapp's triggers, or with the usual ones. */
export async function rowByRow(
  place: Place,
  { apiUrl, atOnce }: Condition,
  given: { program: string; messages: number; counting: Counting; fill: boolean },
): Promise<Contender> {
  const database = await place.newDatabase();
  const broadcasts: Broadcasts = await makeBroadcasts(database, apiUrl, {
    senders: 1,
    people: given.messages,
  });
  const { url } = database;
  return {
    messages: given.messages,
    args: [candidate(given.program), apiUrl, url, String(atOnce), String(given.messages)],
    env: {},
    async prepare() {
      await setTriggers(database, "enable");
      await broadcasts.start();
      await setTriggers(database, "disable");
      if (given.counting === "row triggers") await countByRow(database);
      if (given.fill) await runProgram([candidate(given.program), "fill", url]);
    },
    sent: broadcasts.sent,
  };
}

async function setTriggers({ sql }: BenchDatabase, what: "enable" | "disable"): Promise<void> {
  for (const table of ["bulk_message_jobs", "messages"])
    await sql(`alter table ${table} ${what} trigger user`);
}

/** As the source document has it: each row that changes counts itself. */
async function countByRow({ sql }: BenchDatabase): Promise<void> {
  await sql(`create or replace function bench_count() returns trigger language plpgsql as $$
    begin
      update bulk_campaigns set messages_sent = messages_sent + 1 where id = new.campaign_id;
      insert into campaign_analytics as a (organization_id, campaign_id, campaign_type, date, messages_sent)
      values (new.organization_id, new.campaign_id, 'bulk', new.counted_on, 1)
      on conflict (campaign_id, date, organization_id) do update set messages_sent = a.messages_sent + 1;
      return null;
    end $$`);
  await sql(`create or replace trigger bench_count after update on bulk_message_jobs for each row
    when (new.status = 'sent' and old.status <> 'sent') execute function bench_count()`);
}
