import type { Database, Transaction } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./prune.sql";

const CHUNK = 10_000;

const sql = namedQueries(
  text,
  "webhookBodies",
  "messages",
  "events",
  "imports",
  "erased",
  "writeDown",
  "countWebhookBodies",
  "countMessages",
  "countEvents",
  "countImports",
);

/** What was let go of, or would be. */
export interface Pruned {
  /** whose text and payload went; the rows stay, for reports and the audit */
  messages: number;
  /** raw bodies that were applied */
  webhookBodies: number;
  /** that were processed */
  events: number;
  /** contacts of which it is forgotten what an import changed */
  imports: number;
  /** messages of erased people that came in late, or whose ids name them; not known before it is done */
  erased: number;
}

/**
 * Lets go of what is kept longer than the organization's `retention` says, in chunks, each a transaction of its own:
 * it can be stopped at any time, and beside running ticks it holds nothing for long. As worker.
 * @param organizationId one organization, or null for all
 */
export async function prune(database: Database, organizationId: string | null): Promise<Pruned> {
  const inChunks = async (query: string) => {
    for (let total = 0; ; ) {
      const n = await database.transaction(worker, (tx) => tx.run(query, [organizationId, CHUNK]));
      total += n;
      if (n === 0) return total;
    }
  };
  const pruned: Pruned = {
    messages: await pruneMessages(database, organizationId),
    webhookBodies: await inChunks(sql.webhookBodies),
    events: await inChunks(sql.events),
    imports: await inChunks(sql.imports),
    erased: await database.transaction(worker, (tx) => count(tx, sql.erased, organizationId)),
  };
  await writeDownOf(database, organizationId, pruned);
  return pruned;
}

/** One organization is told how much; of all of them, none is told what the others had. */
async function writeDownOf(database: Database, organizationId: string | null, pruned: Pruned): Promise<void> {
  if (Object.values(pruned).every((n) => n === 0)) return;
  const details = organizationId === null ? { of: "every organization" } : pruned;
  await database.transaction(worker, (tx) =>
    tx.run(sql.writeDown, [organizationId, JSON.stringify(details)]),
  );
}

/** What `prune` would let go of. */
export function previewPrune(database: Database, organizationId: string | null): Promise<Pruned> {
  return database.transaction(worker, async (tx) => ({
    messages: await count(tx, sql.countMessages, organizationId),
    webhookBodies: await count(tx, sql.countWebhookBodies, organizationId),
    events: await count(tx, sql.countEvents, organizationId),
    imports: await count(tx, sql.countImports, organizationId),
    erased: 0,
  }));
}

async function pruneMessages(database: Database, organizationId: string | null): Promise<number> {
  let last: string | null = null;
  for (let total = 0; ; ) {
    const page: { last: string | null; n: number } | undefined = await database.transaction(worker, (tx) =>
      tx.one<{ last: string | null; n: number }>(sql.messages, [organizationId, CHUNK, last]),
    );
    if (page === undefined || page.last === null) return total;
    total += page.n;
    last = page.last;
  }
}

async function count(tx: Transaction, query: string, organizationId: string | null): Promise<number> {
  return (await tx.one<{ n: number }>(query, [organizationId]))?.n ?? 0;
}
