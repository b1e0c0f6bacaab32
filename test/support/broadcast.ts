// A broadcast on its way to a simulated Cloud API, for tests that let real ticks work on it and kill them.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { startCampaign } from "../../src/campaigns/start.ts";
import { Database } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.ts";
import { applyInbox } from "../../src/webhooks/inbox.ts";
import { ingestFiles } from "../../src/webhooks/ingest.ts";
import { createTestDatabase } from "./database.ts";
import {
  makeCampaign,
  makeContacts,
  makeOrganization,
  makeSender,
  makeTemplate,
  type TestOrganization,
} from "./factories.ts";
import { type Ran, runAdsapp, startAdsapp } from "./program.ts";
import { until } from "./until.ts";

export interface BroadcastOptions {
  people: number;
  simulator?: SimulatorOptions;
  /** messages a second of the sender (default 1,000: the simulator is near) */
  throughput?: number;
  settings?: object;
  rateLimiting?: object;
}

/** What the API accepted, held against what the database says. */
export interface Reckoning {
  /** people who should have got it and whose message the API never accepted */
  lost: string[];
  /** people whose message it accepted more than once */
  duplicated: string[];
  /** people who got something that the database knows nothing of as sent */
  unexpected: string[];
}

/** A started broadcast to people with a template, on a database and a simulator of its own. */
export async function makeBroadcast(options: BroadcastOptions) {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const home = mkdtempSync(join(tmpdir(), "adsapp-broadcast-"));
  const bodies = join(home, "webhooks.ndjson");
  const simulator = await startSimulator({
    webhook: { file: bodies },
    immediate: true,
    ...options.simulator,
  });
  onTestFinished(async () => {
    await simulator.close();
    await database.close();
    await testDatabase.drop();
    rmSync(home, { recursive: true, force: true });
  });
  const organization = await makeOrganization(database, { slug: "jansen" });
  const sender = await makeSender(database, organization, {
    provider: "whatsapp-cloud",
    apiUrl: `${simulator.url}/v25.0`,
    throughput: options.throughput ?? 1000,
  });
  await makeTemplate(database, organization);
  const people = await makeContacts(database, organization, options.people);
  const world = {
    database,
    databaseUrl: testDatabase.url,
    home,
    bodies,
    simulator,
    organization,
    sender,
    people,
  };
  return {
    ...world,
    ...actionsOf(world, await campaignFor(database, organization, "Black Friday Sale", options)),
  };
}

export type Broadcast = Awaited<ReturnType<typeof makeBroadcast>>;

async function campaignFor(
  database: Database,
  organization: TestOrganization,
  name: string,
  given: Partial<BroadcastOptions> & { targetAudience?: object },
): Promise<string> {
  const { id } = await makeCampaign(database, organization, {
    name,
    status: "draft",
    targetAudience: given.targetAudience ?? { type: "all" },
    message: {
      type: "template",
      template: "black_friday",
      language: "nl",
      variables: { "1": "{{ contact.first_name }}" },
    },
    settings: given.settings ?? {},
    rateLimiting: given.rateLimiting ?? { enabled: false },
  });
  await startCampaign(database, operator(organization.profileId), organization.id, id);
  return id;
}

interface World {
  database: Database;
  databaseUrl: string;
  home: string;
  bodies: string;
  simulator: Awaited<ReturnType<typeof startSimulator>>;
  organization: TestOrganization;
  sender: { id: string };
  people: { id: string; phone: string }[];
}

function actionsOf(world: World, campaignId: string) {
  const { database, databaseUrl, home, simulator } = world;
  const env = { WHATSAPP_TOKEN: "token", ADSAPP_LANE_LEASE: "5s" };
  const options = { databaseUrl, home, env };
  const query = <R extends object>(sql: string, parameters: readonly unknown[] = []) =>
    database.transaction(worker, (tx) => tx.query<R>(sql, parameters));
  const tick = async (...args: string[]): Promise<Ran & { report: Record<string, never> }> => {
    const ran = await runAdsapp(["tick", "--format", "json", ...args], options);
    return { ...ran, report: ran.stdout === "" ? {} : JSON.parse(ran.stdout) };
  };
  return {
    campaignId,
    query,
    /** runs a tick to its end */
    tick,
    /** starts a tick as cron would */
    startTick: (...args: string[]) => startAdsapp(["tick", ...args], options),
    /** the command line on this broadcast's database */
    adsapp: (...args: string[]) => runAdsapp(args, options),
    accepted: (count: number) =>
      until(`${count} accepted messages`, () => simulator.counts().accepted >= count),
    /** what a dead worker held is free at once, instead of after its lease */
    expireLeases: () =>
      query("update senders set lane_expires_at = clock_timestamp() where lane_token is not null"),
    /** takes in every webhook body written so far, those that it has seen already too */
    async takeInWebhooks() {
      await simulator.flush();
      await ingestFiles(database, [world.bodies], process.stdin);
      await applyInbox(database);
    },
    statuses: async () =>
      Object.fromEntries(
        (
          await query<{ status: string; n: number }>(
            "select status, count(*)::int as n from bulk_message_jobs where campaign_id = $1 group by status",
            [campaignId],
          )
        ).map(({ status, n }) => [status, n]),
      ) as Record<string, number>,
    /** a little traffic of the same sender: news of it proves that webhooks arrive */
    sendSomethingElse: (n: number) => sendTo(world, n),
    reckon: () => reckon(world, campaignId, query),
    async expectCleanAudit() {
      const { checks } = await database.transaction(worker, (tx) => audit(tx, null));
      expect(checks.filter((check) => !check.ok)).toEqual([]);
    },
  };
}

async function sendTo({ database, organization }: World, n: number): Promise<void> {
  await makeContacts(database, organization, n, { tags: ["witness"] });
  const targetAudience = { type: "tags", tags: ["witness"] };
  await campaignFor(database, organization, `Witness ${performance.now()}`, { targetAudience });
}

async function reckon(
  { simulator, people }: World,
  campaignId: string,
  query: <R extends object>(sql: string, parameters?: readonly unknown[]) => Promise<R[]>,
): Promise<Reckoning> {
  const jobs = await query<{ id: string; phone: string; status: string }>(
    `select j.id, c.phone, j.status from bulk_message_jobs j join contacts c on c.id = j.contact_id where j.campaign_id = $1`,
    [campaignId],
  );
  const byId = new Map(jobs.map((job) => [job.id, job]));
  const received = new Map<string, number>();
  for (const { opaqueId } of simulator.accepted()) {
    const phone = byId.get(opaqueId.split(":")[1] ?? "")?.phone;
    if (phone !== undefined) received.set(phone, (received.get(phone) ?? 0) + 1);
  }
  const isSent = new Set(
    jobs
      .filter(({ status }) => ["sent", "delivered", "read", "failed"].includes(status))
      .map(({ phone }) => phone),
  );
  return {
    lost: people.map(({ phone }) => phone).filter((phone) => !received.has(phone)),
    duplicated: [...received].filter(([, count]) => count > 1).map(([phone]) => phone),
    unexpected: [...received.keys()].filter((phone) => !isSent.has(phone)),
  };
}
