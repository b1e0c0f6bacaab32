// Several tenants, their senders, broadcasts and drips, on a database and a simulator of their own.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { startCampaign } from "../../src/campaigns/start.ts";
import { Database } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { type Person, resolveJob } from "../../src/jobs/resolve.ts";
import { type SimulatorOptions, startSimulator } from "../../src/simulator/simulator.ts";
import { tick } from "../../src/tick/tick.ts";
import { storeBodies } from "../../src/webhooks/inbox.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeOrganization,
  makeSender,
  makeTemplate,
  type TestOrganization,
} from "../support/factories.ts";
import { runAdsappProcess, startAdsapp } from "../support/program.ts";
import { until } from "../support/until.ts";
import { historyOf } from "./history.ts";

export interface WorldOptions {
  tenants?: number;
  /** of each tenant */
  senders?: number;
  /** of each sender */
  campaigns?: number;
  /** of each campaign */
  people: number;
  /** enrolled in a drip of each tenant, with the first step due now */
  inDrip?: number;
  /** messages a second of each sender */
  throughput?: number;
  settings?: object;
  rateLimiting?: object;
  simulator?: SimulatorOptions;
  /** seconds */
  lease?: number;
  /** further variables of the ticks */
  env?: NodeJS.ProcessEnv;
}

const MESSAGE = {
  type: "template",
  template: "black_friday",
  language: "nl",
  variables: { "1": "{{ contact.first_name }}" },
};

export interface Tenant extends TestOrganization {
  senders: { id: string }[];
}

/** @param makeDatabase in another cluster than that of all tests */
export async function makeWorld(options: WorldOptions, makeDatabase = createTestDatabase) {
  const testDatabase = await makeDatabase();
  const database = new Database({ url: testDatabase.url });
  const home = mkdtempSync(join(tmpdir(), "adsapp-faults-"));
  const bodies = join(home, "webhooks.ndjson");
  const simulator = await startSimulator({
    webhook: { file: bodies },
    immediate: true,
    shares: { failed: 0 },
    batch: 10,
    ...options.simulator,
  });
  onTestFinished(async () => {
    await simulator.close();
    await database.close();
    await testDatabase.drop();
    rmSync(home, { recursive: true, force: true });
  });
  const tenants: Tenant[] = [];
  for (let n = 1; n <= (options.tenants ?? 1); n++)
    tenants.push(await makeTenant(database, n, simulator.url, options));
  const env = { WHATSAPP_TOKEN: "token", ADSAPP_LANE_LEASE: `${options.lease ?? 5}s`, ...options.env };
  const given = { databaseUrl: testDatabase.url, home, env };
  const query = <R extends object>(sql: string, parameters: readonly unknown[] = []) =>
    database.transaction(worker, (tx) => tx.query<R>(sql, parameters));
  /** a tick in this process, of a clock so many minutes later: for what comes after the fault */
  const tickLater = async (minutes: number): Promise<void> => {
    database.setNowOffset(minutes === 0 ? undefined : `${minutes} minutes`);
    const never = new AbortController().signal;
    await tick({
      database,
      env,
      leaseSeconds: 30,
      budgetSeconds: 55,
      drain: true,
      stopping: never,
      aborting: never,
      logFile: join(home, "messages.ndjson"),
    });
  };
  const sayNotSent = async (unknowns: string): Promise<number> => {
    const open = await query<{ id: string; organizationId: string }>(unknowns);
    for (const { id, organizationId } of open) {
      const { profileId } = tenants.find((tenant) => tenant.id === organizationId) as Tenant;
      await resolveJob(database, operator(profileId) as Person, organizationId, id, "not-sent");
    }
    return open.length;
  };
  let linesRead = 0;
  return {
    database,
    databaseUrl: testDatabase.url,
    simulator,
    tenants,
    query,
    /** starts a tick as cron would. @param databaseUrl another way to the same database */
    startTick: (args: readonly string[] = [], databaseUrl = testDatabase.url) =>
      startAdsapp(["tick", ...args], { ...given, databaseUrl }),
    adsapp: (...args: string[]) => runAdsappProcess(args, given),
    tickLater,
    /** from now on the tenants' messages go by this API */
    sendThrough: (url: string) => query("update senders set api_url = $1", [`${url}/v25.0`]),
    /**
     * Stores the webhook bodies that came since the last time, as `webhook serve` would: ticks apply them.
     * @param isKept false: this body gets lost
     */
    async bringWebhooks(isKept: () => boolean = () => true): Promise<void> {
      await simulator.flush();
      const lines = readFileSync(bodies, "utf8").split("\n").filter(Boolean);
      const news = lines.slice(linesRead).filter(isKept);
      linesRead = lines.length;
      if (news.length > 0) await storeBodies(database, news, "serve");
    },
    /** one broadcast more of each tenant's first sender, to everybody */
    async addBroadcast(given: Partial<WorldOptions>): Promise<void> {
      for (const tenant of tenants)
        await broadcast(
          database,
          tenant,
          tenant.senders[0] as { id: string },
          { ...options, ...given },
          { type: "all" },
        );
    },
    /** agents of each tenant answer some people, who have just written */
    async answerSome(count: number): Promise<void> {
      await query(
        `with asked as (
           update contacts c set last_inbound_at = adsapp_now()
             from organizations o cross join lateral (select x.id from contacts x where x.organization_id = o.id order by random() limit $1) x
            where c.id = x.id returning c.id, c.organization_id)
         insert into messages (organization_id, direction, contact_id, type, body, payload, status)
         select a.organization_id, 'outbound', a.id, 'text', 'Tot morgen!', '{"type": "text", "text": {"body": "Tot morgen!"}}', 'pending' from asked a`,
        [count],
      );
    },
    /** answers of which nobody knows, though all webhooks are here: a person says that they were not sent */
    giveUpAnswers: () =>
      sayNotSent(
        "select id, organization_id from messages where status = 'unknown' and direct_contact_id is not null",
      ),
    /** likewise those of broadcasts that have an attempt left: they are sent again */
    giveUpUnknowns: () =>
      sayNotSent(
        "select id, organization_id from bulk_message_jobs where status = 'unknown' and attempts < max_attempts",
      ),
    /** a little more of each sender: its news proves that webhooks arrive */
    async sendSomethingElse(): Promise<void> {
      for (const tenant of tenants) {
        await makeContacts(database, tenant, 3, { tags: ["witness"] });
        const targetAudience = { type: "tags", tags: ["witness"] };
        for (const sender of tenant.senders)
          await broadcast(database, tenant, sender, { ...options, settings: {} }, targetAudience);
      }
    },
    /** other ticks go on until nothing is pending; what a lost worker's transaction still locks takes them a while */
    workOffByOthers: () =>
      until("others have done the rest", async () => {
        await tickLater(0);
        const pending = await query(
          "select from bulk_message_jobs where status in ('pending', 'dispatching') limit 1",
        );
        return pending.length === 0;
      }),
    /** what the dead held is free at once, instead of after the lease */
    async buryTheDead(pids: readonly number[]): Promise<void> {
      await query(
        `update senders set lane_expires_at = clock_timestamp()
          where split_part(lane_holder, ':', 2)::int = any ($1::int[]) and lane_expires_at > clock_timestamp()`,
        [pids],
      );
    },
    history: () => historyOf(database, simulator.accepted()),
    async expectCleanAudit(): Promise<void> {
      const { checks } = await database.transaction(worker, (tx) => audit(tx, null));
      expect(checks.filter((check) => !check.ok)).toEqual([]);
    },
  };
}

export type World = Awaited<ReturnType<typeof makeWorld>>;

async function makeTenant(
  database: Database,
  n: number,
  apiUrl: string,
  options: WorldOptions,
): Promise<Tenant> {
  const organization = await makeOrganization(database, { slug: `tenant-${n}` });
  await makeTemplate(database, organization);
  const people = await makeContacts(database, organization, Math.max(options.people, options.inDrip ?? 0), {
    tags: ["customer"],
  });
  const senders: { id: string }[] = [];
  for (let s = 1; s <= (options.senders ?? 1); s++) {
    const sender = await makeSender(database, organization, {
      name: `number-${s}`,
      provider: "whatsapp-cloud",
      apiUrl: `${apiUrl}/v25.0`,
      phoneNumberId: `10654${n}${s}`,
      throughput: options.throughput ?? 1000,
    });
    senders.push(sender);
    for (let c = 1; c <= (options.campaigns ?? 1); c++)
      await broadcast(database, organization, sender, options, { type: "tags", tags: ["customer"] });
  }
  if (options.inDrip !== undefined) {
    const drip = await makeDrip(database, organization, {
      settings: { transactional: true, ...options.settings },
      steps: [
        { minutes: 0, message: MESSAGE },
        { days: 1, message: MESSAGE },
      ],
    });
    await makeEnrollments(database, drip, people.slice(0, options.inDrip));
  }
  return { ...organization, senders };
}

async function broadcast(
  database: Database,
  organization: TestOrganization,
  sender: { id: string },
  options: WorldOptions,
  targetAudience: object,
): Promise<void> {
  const { id } = await makeCampaign(database, organization, {
    status: "draft",
    senderId: sender.id,
    targetAudience,
    message: MESSAGE,
    settings: options.settings ?? {},
    rateLimiting: options.rateLimiting ?? { enabled: false },
  });
  await startCampaign(database, operator(organization.profileId), organization.id, id);
}
