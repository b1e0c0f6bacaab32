import { audit } from "../../src/analytics/audit.ts";
import { rebuild } from "../../src/analytics/rebuild.ts";
import { prune } from "../../src/contacts/prune.ts";
import { worker } from "../../src/db/identity.ts";
import { makeContacts } from "../support/factories.ts";
import { makeHistory } from "./history.ts";
import { type Bench, timed } from "./measure.ts";
import type { BenchDatabase } from "./place.ts";

const MESSAGES = 500_000;
const PEOPLE = 100_000;

/** What an operator plans with: the disk that messages and contacts take, and how long the work on all of them does. */
export const upkeep: Bench = async ({ newDatabase }) => {
  const bench = await newDatabase();
  const { database, sql } = bench;
  const organization = await makeHistory(bench, MESSAGES);
  const history = await bytesOf(bench, "bulk_message_jobs", "messages");
  const before = await bytesOf(bench, "contacts");
  await makeContacts(database, organization, PEOPLE);
  const people = (await bytesOf(bench, "contacts")) - before;
  const everything = { since: "2000-01-01", organizationId: null };
  const audited = await timed(() => database.transaction(worker, (tx) => audit(tx, null)));
  const rebuilt = await timed(() => rebuild(database, everything));
  await sql(`update organizations set settings = settings || '{"retention": {"messages": "1d"}}'`);
  let pruned = 0;
  const pruning = await timed(async () => {
    pruned = (await prune(database, null)).messages;
  });
  return [
    {
      what: "disk for a sent message: its job and itself, with their indexes",
      value: history / MESSAGES,
      unit: "bytes",
    },
    { what: "disk for a contact, with its indexes", value: people / PEOPLE, unit: "bytes" },
    { what: `adsapp audit of ${MESSAGES} messages`, value: audited / 1000, unit: "s" },
    { what: `adsapp rebuild of ${MESSAGES} messages`, value: rebuilt / 1000, unit: "s" },
    { what: "adsapp prune: texts of messages", value: (pruned / pruning) * 1000, unit: "a second" },
  ];
};

async function bytesOf({ sql }: BenchDatabase, ...tables: string[]): Promise<number> {
  const [row] = await sql<{ bytes: number }>(
    "select sum(pg_total_relation_size(t::regclass))::bigint as bytes from unnest($1::text[]) as t",
    [tables],
  );
  return row?.bytes ?? 0;
}
