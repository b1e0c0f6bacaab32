// What reports say of the random month, beside what the simulator's own log and the agents' acts say.
import { expect } from "vitest";
import type { Transaction } from "../../src/db/database.ts";
import { operator } from "../../src/db/identity.ts";
import { analyticsByDay, topCampaigns } from "../../src/reports/analytics.ts";
import { agentNumbers, channelNumbers, templateNumbers } from "../../src/reports/breakdowns.ts";
import { dripNumbers } from "../../src/reports/drip.ts";
import { failureNumbers } from "../../src/reports/failures.ts";
import { type Act, type AgentDay, daysOfAgents, daysOfSources } from "./agents.ts";
import { type DayCounts, type LogCounts, NONE } from "./log-counts.ts";
import type { World } from "./world.ts";

export const TIMEZONE = "Europe/Amsterdam";
/** people of each tenant who enter its drip on the first day */
export const IN_DRIP = 40;
const WINDOW = { since: "2020-01-01", until: "2099-12-31" };
const sorted = (map: ReadonlyMap<string, unknown>) => Object.fromEntries([...map].sort());
const shown = (counts: ReadonlyMap<string, number>) => sorted(new Map([...counts].filter(([, n]) => n > 0)));

/** Each day of each tenant; a row of days before or after would be one too many. @param about is printed on failure */
export async function expectReportsOf(
  world: World,
  log: LogCounts,
  acts: readonly Act[],
  about: string,
): Promise<void> {
  world.database.setNowOffset(undefined);
  const said = new Said();
  for (const [n, tenant] of world.tenants.entries())
    await world.database.transaction(operator(tenant.profileId), (tx) =>
      said.read(tx, tenant.id, String(n + 1)),
    );
  expect(sorted(said.days), about).toEqual(sorted(log.days));
  expectAnswers([said.replies, said.optOuts], [log.replies, log.optOuts], log.doubtful, about);
  expect(shown(said.failures), about).toEqual(shown(log.failures));
  expect(sorted(said.templates), about).toEqual(sorted(log.sent));
  expect(sorted(said.drips), about).toEqual(sorted(dripsOf(log)));
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: TIMEZONE, dateStyle: "short" });
  expect(shown(said.sources), about).toEqual(shown(daysOfSources(log.answers, (at) => day.format(at))));
  expectAgents(
    said.agents,
    daysOfAgents(acts, log.answers, outcomesBy(log), (at) => day.format(at)),
    about,
  );
  expect(sorted(said.campaigns), about).toEqual(sorted(await campaignsOf(world, log)));
  expect(log.rows.length).toBeGreaterThan(2_000);
}

/** Each day to the letter; as many may be on another day as there are doubtful ones. */
function expectAnswers(
  said: ReadonlyMap<string, number>[],
  log: ReadonlyMap<string, number>[],
  doubtful: number,
  about: string,
): void {
  if (doubtful === 0) expect(said.map(shown), about).toEqual(log.map(shown));
  const differences = said.flatMap((days, n) =>
    [...new Set([...days.keys(), ...(log[n] ?? new Map()).keys()])].map((day) =>
      Math.abs((days.get(day) ?? 0) - (log[n]?.get(day) ?? 0)),
    ),
  );
  const off = differences.reduce((sum, n) => sum + n, 0);
  expect(off, `${about}: replies and opt-outs of days`).toBeLessThanOrEqual(2 * doubtful);
}

/** What the reports of all tenants say, by the keys of the log. */
class Said {
  readonly days = new Map<string, DayCounts>();
  readonly replies = new Map<string, number>();
  readonly optOuts = new Map<string, number>();
  readonly failures = new Map<string, number>();
  readonly campaigns = new Map<string, CampaignCounts>();
  readonly templates = new Map<string, number>();
  readonly drips = new Map<string, DripCounts>();
  readonly sources = new Map<string, number>();
  readonly agents = new Map<string, AgentDay>();

  async read(tx: Transaction, organizationId: string, tenant: string): Promise<void> {
    for (const line of await analyticsByDay(tx, organizationId, WINDOW)) {
      const key = `${tenant} ${line.campaignType} ${line.date}`;
      const known = this.days.get(key) ?? NONE;
      this.days.set(key, {
        sent: known.sent + line.messagesSent,
        delivered: known.delivered + line.messagesDelivered,
        read: known.read + line.messagesRead,
        failed: known.failed + line.messagesFailed,
      });
      const day = `${tenant} ${line.date}`;
      this.replies.set(day, (this.replies.get(day) ?? 0) + line.repliesReceived);
      this.optOuts.set(day, (this.optOuts.get(day) ?? 0) + line.optOuts);
    }
    for (const { errorCode, failures } of await failureNumbers(tx, organizationId, WINDOW, "code"))
      this.failures.set(`${tenant} ${errorCode}`, failures);
    for (const { name, messagesSent, deliveryRate } of await topCampaigns(tx, organizationId, WINDOW, 1_000))
      this.campaigns.set(`${tenant} ${name}`, { sent: messagesSent, deliveryRate });
    for (const { messagesSent } of await templateNumbers(tx, organizationId, WINDOW))
      this.templates.set(tenant, messagesSent);
    for (const { enrolled, messagesSent, messagesDelivered, messagesRead } of await dripNumbers(
      tx,
      organizationId,
      WINDOW,
    ))
      this.drips.set(tenant, {
        enrolled,
        sent: messagesSent,
        delivered: messagesDelivered,
        read: messagesRead,
      });
    for (const { date, source, conversations } of await channelNumbers(tx, organizationId, WINDOW, true))
      this.sources.set(`${tenant} ${source} ${date}`, conversations);
    for (const line of await agentNumbers(tx, organizationId, WINDOW, true))
      this.agents.set(`${tenant} ${line.date}`, {
        conversations: line.totalConvos,
        sent: line.messagesSent,
        first: line.avgResponse,
        next: line.avgNextResponse,
      });
  }
}

interface CampaignCounts {
  sent: number;
  /** in percent, two decimals */
  deliveryRate: number;
}

/** Broadcasts: whose a message was is all that the database is asked. */
async function campaignsOf(world: World, log: LogCounts): Promise<Map<string, CampaignCounts>> {
  const jobs = await world.query<{ id: string; name: string }>(
    "select j.id, c.name from bulk_message_jobs j join bulk_campaigns c on c.id = j.campaign_id and c.organization_id = j.organization_id",
  );
  const names = new Map(jobs.map(({ id, name }) => [id, name]));
  const counts = new Map<string, { sent: number; delivered: number }>();
  for (const { id, tenant, kind, delivered } of log.rows) {
    if (kind !== "bulk") continue;
    const key = `${tenant} ${names.get(id)}`;
    const known = counts.get(key) ?? { sent: 0, delivered: 0 };
    counts.set(key, { sent: known.sent + 1, delivered: known.delivered + Number(delivered) });
  }
  return new Map(
    [...counts].map(([key, { sent, delivered }]) => [
      key,
      { sent, deliveryRate: Math.round((10_000 * delivered) / sent) / 100 },
    ]),
  );
}

type DripCounts = { enrolled: number } & Omit<DayCounts, "failed">;

/** The one drip of each tenant, which the first people entered. */
function dripsOf(log: LogCounts): Map<string, DripCounts> {
  const drips = new Map<string, DripCounts>();
  for (const [key, { sent, delivered, read }] of log.days) {
    const [tenant = "", kind] = key.split(" ");
    const known = drips.get(tenant) ?? { enrolled: IN_DRIP, sent: 0, delivered: 0, read: 0 };
    if (kind === "drip")
      drips.set(tenant, {
        ...known,
        sent: known.sent + sent,
        delivered: known.delivered + delivered,
        read: known.read + read,
      });
  }
  return drips;
}

function outcomesBy(log: LogCounts): (messageId: string) => "none" | "failed" | "sent" {
  return (id) => {
    const one = log.direct.get(id);
    if (one === undefined) return "none";
    return one.failed && !one.delivered ? "failed" : "sent";
  };
}

/** Counts to the letter; times within two seconds: an act is known by the clock of this process, and reports round. */
function expectAgents(said: Map<string, AgentDay>, acted: Map<string, AgentDay>, about: string): void {
  const counts = (days: Map<string, AgentDay>) =>
    sorted(new Map([...days].map(([key, { conversations, sent }]) => [key, { conversations, sent }])));
  expect(counts(said), about).toEqual(counts(acted));
  for (const [key, { first, next }] of acted)
    for (const [what, wanted] of [
      ["first", first],
      ["next", next],
    ] as const) {
      const found = said.get(key)?.[what] ?? null;
      const isNear = found !== null && wanted !== null && Math.abs(found - wanted) < 2;
      expect(found === wanted || isNear, `${about}: ${key} ${what}: ${found}, by the acts ${wanted}`).toBe(
        true,
      );
    }
  expect(acted.size).toBeGreaterThan(20);
}
