import pg from "pg";
import { expect } from "vitest";
import { dryRun } from "../../src/tick/dry-run.ts";
import { accept, apiThat } from "../sending/dispatching.ts";
import type { Setup, World } from "../sending/setup.ts";
import { makeCases, runTick } from "../status/explain-world.ts";

/** Every row of every table, as text. */
async function everyRow(s: Setup): Promise<Record<string, string[]>> {
  const client = new pg.Client({ connectionString: s.url });
  await client.connect();
  try {
    const { rows } = await client.query(
      `select c.relname as name, (xpath('/table/row/r/text()', query_to_xml(format('select t::text as r from public.%I t order by 1', c.relname), false, false, '')))::text as held
         from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1`,
    );
    return Object.fromEntries(rows.map(({ name, held }) => [name, held]));
  } finally {
    await client.end();
  }
}

interface Became {
  campaign: string;
  sent: number;
  lacking: number;
  skipped: Record<string, number>;
}

const statuses = (w: World) =>
  w.rows<{ campaign: string; id: string; status: string; skipReason: string | null }>(
    `select c.name as campaign, j.id, j.status, j.skip_reason from bulk_message_jobs j join bulk_campaigns c on c.id = j.campaign_id where j.organization_id = $1
     union all
     select d.name, l.id, l.status, coalesce(e.exit_reason, l.skip_reason) from drip_message_logs l join drip_campaigns d on d.id = l.campaign_id
       join drip_enrollments e on e.id = l.enrollment_id where l.organization_id = $1`,
    [w.organization.id],
  );

/** What a tick did to messages that were there before it, by campaign. */
async function tickAndTell(s: Setup, w: World): Promise<Map<string, Became>> {
  const before = new Map((await statuses(w)).map((row) => [row.id, row]));
  await runTick(s, w);
  const told = new Map<string, Became>();
  for (const { id, campaign, status, skipReason } of await statuses(w)) {
    if (before.get(id)?.status !== "pending") continue;
    const became = told.get(campaign) ?? { campaign, sent: 0, lacking: 0, skipped: {} };
    told.set(campaign, became);
    if (status === "sent") became.sent++;
    else if (status === "skipped" && skipReason === "missing_variable") became.lacking++;
    else if (status === "skipped")
      became.skipped[skipReason ?? ""] = (became.skipped[skipReason ?? ""] ?? 0) + 1;
  }
  return told;
}

/**
 * In worlds of these seeds, a tick sends and skips of each campaign as many as a dry run told, which changed not a row.
 * @returns how many were sent
 */
export async function expectForetold(
  s: Setup,
  seeds: readonly number[],
  broadcasts?: number,
): Promise<number> {
  const api = await apiThat(accept);
  let sent = 0;
  for (const seed of seeds) {
    const { w } = await makeCases(s, api.url, seed, broadcasts);
    const before = await everyRow(s);
    const { lines } = await dryRun(s.database, w.organization.id, 55);
    expect(await everyRow(s)).toEqual(before);
    const became = await tickAndTell(s, w);
    for (const line of lines.filter(({ writesOut }) => writesOut === 0)) {
      const real = became.get(line.campaign ?? "") ?? { sent: 0, lacking: 0, skipped: {} };
      expect({ seed, line, send: real.sent + real.lacking, skip: real.skipped }).toEqual({
        seed,
        line,
        send: line.send,
        skip: line.skip,
      });
      sent += line.send;
    }
  }
  return sent;
}
