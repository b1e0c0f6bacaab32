// Organizations whose people meet every gate, at random; what explain says of each, and what a tick then does.
import { operator } from "../../src/db/identity.ts";
import type { Organization } from "../../src/organizations/organization.ts";
import { resolveOrganization } from "../../src/organizations/organization.ts";
import { type Explanation, explain } from "../../src/status/explain/explain.ts";
import { tick } from "../../src/tick/tick.ts";
import { randomOf } from "../faults/random.ts";
import { minutesAfter, NOW, type Setup, type World } from "../sending/setup.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeCampaign, makeJobs, makeRun, makeTemplate } from "../support/factories.ts";

/** One person, and a message of a broadcast or a drip that they have or might get. */
export interface Case {
  campaignId: string;
  contactId: string;
}

export interface MessageRow {
  status: string;
  skipReason: string | null;
  nextAttemptAt: Date | null;
  exitReason?: string | null;
}

type Random = ReturnType<typeof chance>;

function chance(seed: number) {
  const random = randomOf(seed);
  return {
    of: <T>(...choices: readonly T[]): T => choices[Math.floor(random() * choices.length)] as T,
    sometimes: (share: number) => random() < share,
  };
}

const CLOSED = { mon: [["09:00", "17:00"]] };
const OPEN = { fri: [["09:00", "17:30"]] };

/** An organization of its own, with its people's messages in every state; the same seed gives the same. */
export async function makeCases(
  s: Setup,
  apiUrl: string,
  seed: number,
  broadcasts = 4,
): Promise<{ w: World; cases: Case[] }> {
  const r = chance(seed);
  const w = await s.world({
    businessHours: r.of<object>({}, OPEN, CLOSED),
    settings: r.of({}, { frequencyCap: { messages: 1, days: 7 } }),
    sender: {
      provider: r.of<"log" | "whatsapp-cloud">("log", "whatsapp-cloud"),
      apiUrl,
      throughput: 1000,
      ...(r.sometimes(0.1) ? { haltReason: "190: the token ran out" } : {}),
    },
  });
  await hamper(w, r);
  await makeTemplate(s.database, w.organization, { name: "actie", body: "Korting in {{1}}" });
  const cases: Case[] = [];
  for (let n = 0; n < broadcasts; n++) cases.push(...(await makeBroadcastCases(s, w, r)));
  cases.push(...(await makeUnwrittenCases(s, w, r)), ...(await makeDripCases(s, w, r)));
  await limit(w, r, cases);
  return { w, cases };
}

async function hamper({ organization, sender, rows }: World, r: Random): Promise<void> {
  if (r.sometimes(0.1))
    await rows("update organizations set paused_at = $2 where id = $1", [organization.id, NOW]);
  if (r.sometimes(0.15))
    await rows(
      `update senders set state = 'slowed', slowed_at = $2, rate_factor = 0.5, full_rate_at = $3, rests_until = $3
        where id = $1 and state = 'active'`,
      [sender.id, NOW, minutesAfter(r.of(-1, 5))],
    );
}

/** A full messaging limit, or one with room; some are reached already. People who got something are capped. */
async function limit(
  { organization, sender, rows }: World,
  r: Random,
  cases: readonly Case[],
): Promise<void> {
  const people = [...new Set(cases.map(({ contactId }) => contactId))].filter(() => r.sometimes(0.3));
  const most = r.of(null, people.length, people.length + 100);
  if (most !== null && most > 0) {
    await rows(
      `with p as (insert into portfolios (organization_id, name, messaging_limit) values ($1, 'Klein', $2) returning id)
       update senders set portfolio_id = p.id from p where senders.id = $3`,
      [organization.id, most, sender.id],
    );
    await rows(
      `insert into portfolio_reach (organization_id, portfolio_id, contact_id, at)
       select $1, s.portfolio_id, c, $3 from senders s cross join unnest($4::uuid[]) c where s.id = $2`,
      [organization.id, sender.id, minutesAfter(-60), people],
    );
    await rows("update portfolios set reached = $2 where organization_id = $1", [
      organization.id,
      people.length,
    ]);
  }
  await rows(
    `insert into contact_touches (organization_id, contact_id, ats, row_ids)
     select $1, c, array[$3::timestamptz], array[(select j.id from bulk_message_jobs j where j.organization_id = $1 and j.status = 'sent' limit 1)]
       from unnest($2::uuid[]) c`,
    [organization.id, people, minutesAfter(-1440)],
  );
}

function someone(w: World, r: Random): ReturnType<World["contacts"]> {
  const ago = minutesAfter(-r.of(60, 2 * 1440));
  const timezone = r.of(undefined, "America/New_York", "Asia/Tokyo");
  return w.contacts(1, {
    ...(r.sometimes(0.15) ? { optedOutAt: ago } : {}),
    ...(r.sometimes(0.1) ? { blockedAt: ago } : {}),
    ...(r.sometimes(0.5) ? { optedInAt: ago } : {}),
    ...(r.sometimes(0.7) ? { lastInboundAt: ago } : {}),
    ...(r.sometimes(0.8) ? { attributes: { stad: "Utrecht" } } : {}),
    ...(timezone === undefined ? {} : { timezone }),
    tags: r.sometimes(0.4) ? ["vip"] : [],
  });
}

/** Of each campaign's jobs: one sent, failed, unknown and waiting for another attempt. */
const DISPATCHED = 4;

function settingsOf(r: Random): object {
  return {
    requireOptIn: r.sometimes(0.3),
    respectBusinessHours: r.sometimes(0.3),
    ...(r.sometimes(0.3) ? { quietHours: r.of(["09:00", "11:30"], ["22:00", "08:00"]) } : {}),
    ...(r.sometimes(0.2) ? { canary: { messages: r.of(DISPATCHED, 100) } } : {}),
  };
}

const message = (r: Random): object =>
  r.of<object>(
    { type: "text", text: "Hoi" },
    { type: "text", text: "Hoi uit {{ contact.attributes.stad }}" },
    {
      type: "template",
      template: "actie",
      language: "nl",
      variables: { "1": "{{ contact.attributes.stad }}" },
    },
    { type: "template", template: "actie", language: "nl", variables: { "1": "hier" } },
  );

async function makeBroadcastCases(s: Setup, w: World, r: Random): Promise<Case[]> {
  const campaign = await makeCampaign(s.database, w.organization, {
    type: r.of("promotional" as const, "transactional" as const),
    status: r.of("running" as const, "running" as const, "running" as const, "paused" as const),
    message: message(r),
    settings: settingsOf(r),
  });
  const run = await makeRun(s.database, campaign, r.sometimes(0.2) ? { perHour: 3000 } : {});
  const people = await w.contacts(5, { lastInboundAt: minutesAfter(-60), optedInAt: minutesAfter(-60) });
  for (let n = 0; n < 7; n++) people.push(...(await someone(w, r)));
  const counts = { sent: 1, failed: 1, skipped: 1, unknown: 1, waiting: 1, pending: 7 };
  await w.rows(
    `update campaign_runs r set definition = r.definition || jsonb_build_object('template', adsapp_frozen_template(t))
       from message_templates t where r.campaign_id = $1 and t.organization_id = r.organization_id and r.definition #>> '{message,type}' = 'template'`,
    [campaign.id],
  );
  await makeJobs(s.database, run, counts, { contacts: people, ago: "2 minutes" });
  if (r.sometimes(0.2)) await setSendBefore(w, campaign.id, minutesAfter(r.of(-5, 60)));
  if (r.sometimes(0.2))
    await w.rows("update campaign_runs set tat = $2 where campaign_id = $1 and per_hour is not null", [
      campaign.id,
      minutesAfter(90),
    ]);
  await w.rows(
    "update campaign_runs set canary_claimed = $3, canary_at = $2 where campaign_id = $1 and canary is not null",
    [campaign.id, minutesAfter(-1), DISPATCHED],
  );
  return people.map(({ id }) => ({ campaignId: campaign.id, contactId: id }));
}

async function setSendBefore(w: World, campaignId: string, at: Date): Promise<void> {
  await w.rows(
    "update campaign_runs set definition = definition || jsonb_build_object('sendBefore', $2::timestamptz) where campaign_id = $1",
    [campaignId, at],
  );
}

/** A campaign whose time has come, or not, or that is later than its maxLateness; nobody is written out yet. */
async function makeUnwrittenCases(s: Setup, w: World, r: Random): Promise<Case[]> {
  const { id: campaignId } = await makeCampaign(s.database, w.organization, {
    status: "scheduled",
    scheduledAt: minutesAfter(r.of(-1, 60, -2000)),
    message: message(r),
    settings: { ...settingsOf(r), canary: undefined },
    targetAudience: { type: "tags", tags: ["nieuw"], match: "any", exclude: { tags: ["vip"] } },
  });
  const people: { id: string }[] = [];
  for (let n = 0; n < 6; n++) people.push(...(await someone(w, r)));
  await w.rows(
    `insert into contact_tags (organization_id, contact_id, tag) select $1, c, 'nieuw' from unnest($2::uuid[]) c`,
    [w.organization.id, people.slice(0, 5).map(({ id }) => id)],
  );
  return people.map(({ id }) => ({ campaignId, contactId: id }));
}

async function makeDripCases(s: Setup, w: World, r: Random): Promise<Case[]> {
  const people: { id: string }[] = [];
  for (let n = 0; n < 8; n++) people.push(...(await someone(w, r))); // before the drip: no event tells of their tags
  const { requireOptIn, respectBusinessHours, quietHours } = settingsOf(r) as Record<string, unknown>;
  const drip = await makeDrip(s.database, w.organization, {
    status: r.of("active", "active", "active", "paused"),
    settings: {
      requireOptIn,
      ...(respectBusinessHours === true ? { respectBusinessHours } : {}),
      ...(quietHours === undefined ? {} : { quietHours }),
    },
    exitWhen: r.sometimes(0.3) ? [{ tag: "vip" }] : [],
    steps: [
      {
        minutes: r.of(0, 0, 10),
        message: message(r),
        ...(r.sometimes(0.6) ? { when: { not: { tag: "vip" } } } : {}),
      },
      { days: 2 },
    ],
  });
  await makeEnrollments(s.database, drip, people);
  return people.map(({ id }) => ({ campaignId: drip.id, contactId: id }));
}

/** What explain says of each. */
export async function explained(s: Setup, w: World, cases: readonly Case[]): Promise<Explanation[]> {
  const identity = operator(w.organization.profileId);
  const organization = await organizationOf(s, w);
  const told: Explanation[] = [];
  for (const { campaignId, contactId } of cases)
    told.push(
      await explain(s.database, identity, organization, { campaign: campaignId, contact: contactId }),
    );
  return told;
}

export function organizationOf(s: Setup, w: World): Promise<Organization> {
  return s.database.transaction({ role: "worker" }, (tx) => resolveOrganization(tx, w.organization.id));
}

/** A tick of this organization alone. */
export async function runTick(s: Setup, w: World): Promise<void> {
  const never = new AbortController().signal;
  await tick({
    database: s.database,
    env: { WHATSAPP_TOKEN: "token" },
    leaseSeconds: 30,
    budgetSeconds: 30,
    organizationId: w.organization.id,
    stopping: never,
    aborting: never,
    logFile: "/dev/null",
  });
}

/** Each person's first message as it is now; undefined: there is none. */
export async function messagesNow(w: World, cases: readonly Case[]): Promise<(MessageRow | undefined)[]> {
  const found = await w.rows<MessageRow & Case>(
    `select campaign_id, contact_id, status, skip_reason, next_attempt_at, null as exit_reason from bulk_message_jobs where campaign_id = any ($1::uuid[])
     union all
     select l.campaign_id, l.contact_id, l.status, l.skip_reason, l.next_attempt_at, e.exit_reason
       from drip_message_logs l join drip_enrollments e on e.id = l.enrollment_id where l.campaign_id = any ($1::uuid[]) and l.step_order = 1`,
    [[...new Set(cases.map(({ campaignId }) => campaignId))]],
  );
  const byCase = new Map(found.map((row) => [`${row.campaignId} ${row.contactId}`, row]));
  return cases.map(({ campaignId, contactId }) => byCase.get(`${campaignId} ${contactId}`));
}
