import type { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { readOpaqueId } from "../../src/sending/render.ts";
import type { AcceptedMessage } from "../../src/simulator/simulator.ts";

/** What the API accepted, by its own ledger, held against what the database says. Rows are named `b:id`, `d:id` and `m:id`. */
export interface History {
  /** rows that should have been sent and that the API never accepted */
  lost: string[];
  /** rows that it accepted more than once */
  duplicated: string[];
  /** accepted without a row of that person, or with a row that does not know of it */
  unexpected: string[];
  /** rows whose outcome was not known, and that their webhook settled */
  recovered: number;
  /** rows that say: nobody knows (held for a person) */
  unknown: string[];
  accepted: number;
  rows: number;
}

interface Row {
  name: string;
  phone: string;
  status: string;
  isRecovered: boolean;
}

const IS_SENT = ["sent", "delivered", "read", "failed"];

/** Of every broadcast's job, every drip's first step and every answer of an agent that no person gave up; whom a gate turned away, and what was cancelled, is left out. */
const ROWS = `
  select 'b:' || j.id as name, c.phone, j.status, coalesce(m.type = 'unknown', false) as is_recovered
    from bulk_message_jobs j join contacts c on c.id = j.contact_id left join messages m on m.id = j.message_id
   where j.status not in ('skipped', 'cancelled')
  union all
  select 'd:' || l.id, c.phone, l.status, coalesce(m.type = 'unknown', false)
    from drip_message_logs l join contacts c on c.id = l.contact_id left join messages m on m.id = l.message_id
   where l.status not in ('skipped', 'cancelled') and l.step_order = 1
  union all
  select 'm:' || m.id, c.phone, m.status, false
    from messages m join contacts c on c.id = m.contact_id
   where m.direction = 'outbound' and m.direct_contact_id is not null and m.error_code is distinct from 'not_sent'`;

export async function historyOf(database: Database, ledger: readonly AcceptedMessage[]): Promise<History> {
  const rows = await database.transaction(worker, (tx) => tx.query<Row>(ROWS));
  const byName = new Map(rows.map((row) => [row.name, row]));
  const times = new Map<string, number>();
  const unexpected: string[] = [];
  for (const { opaqueId, to } of ledger) {
    const read = readOpaqueId(opaqueId);
    const name = `${read?.kind}:${read?.id}`;
    times.set(name, (times.get(name) ?? 0) + 1);
    const row = byName.get(name);
    if (row === undefined || row.phone !== to) unexpected.push(`${name}, to ${to}: no such row`);
    else if (!IS_SENT.includes(row.status) && row.status !== "unknown")
      unexpected.push(`${name} is ${row.status}`);
  }
  return {
    lost: rows.filter(({ name }) => !times.has(name)).map(({ name, status }) => `${name} is ${status}`),
    duplicated: [...times].filter(([, n]) => n > 1).map(([name, n]) => `${name}: ${n} times`),
    unexpected,
    recovered: rows.filter(({ isRecovered }) => isRecovered).length,
    unknown: rows.filter(({ status }) => status === "unknown").map(({ name }) => name),
    accepted: ledger.length,
    rows: rows.length,
  };
}

/** One line, for people. */
export function inWords(history: History): string {
  const { lost, duplicated, unexpected, recovered, unknown, accepted, rows } = history;
  return (
    `${rows} rows, ${accepted} accepted: ${lost.length} lost, ${duplicated.length} duplicated, ` +
    `${unexpected.length} unexpected, ${recovered} recovered by webhook, ${unknown.length} unknown`
  );
}
