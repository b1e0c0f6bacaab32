// Rows for tests, a set at a time. Each factory gives defaults; a test states only what matters to it. All of them
// work as adsapp_worker, in a transaction of their own or in the caller's.
import { randomUUID } from "node:crypto";
import { Database, type Transaction } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { namedQueries } from "../../src/db/queries.ts";
import text from "./factories.sql";

const sql = namedQueries(
  text,
  "makeOrganization",
  "makeSender",
  "makeContacts",
  "makeTemplate",
  "makeCampaign",
  "makeRun",
  "makeJobs",
);

/** Where rows are made: a database, or a transaction that the test may roll back. */
export type Place = Database | Transaction;

export interface TestOrganization {
  id: string;
  slug: string;
  /** the built-in `cli` profile, an admin */
  profileId: string;
  viewerId: string;
}

export interface TestCampaign {
  id: string;
  name: string;
}

export interface TestRun {
  campaignId: string;
  organizationId: string;
}

export interface TestJob {
  id: string;
  contactId: string;
  status: string;
  seq: number;
  messageId: string | null;
}

/** What a job can be made as; `waiting` is a pending one whose retry has a time. */
export type JobState =
  | "pending"
  | "waiting"
  | "dispatching"
  | "unknown"
  | "sent"
  | "delivered"
  | "read"
  | "failed"
  | "skipped"
  | "cancelled";

export async function makeOrganization(
  place: Place,
  given: { slug?: string; name?: string; timezone?: string; businessHours?: object; settings?: object } = {},
): Promise<TestOrganization> {
  const slug = given.slug ?? `org-${randomUUID().slice(0, 8)}`;
  return one<TestOrganization>(place, sql.makeOrganization, [
    given.name ?? `Organization ${slug}`,
    slug,
    given.timezone ?? "Europe/Amsterdam",
    JSON.stringify(given.businessHours ?? {}),
    JSON.stringify(given.settings ?? {}),
  ]);
}

/** The organization's first sender becomes its default. A `whatsapp-cloud` one points at a port where nobody listens. */
export async function makeSender(
  place: Place,
  organization: { id: string },
  given: {
    name?: string;
    provider?: "log" | "whatsapp-cloud";
    apiUrl?: string;
    phoneNumberId?: string;
    wabaId?: string;
    tokenEnv?: string;
    throughput?: number;
    haltReason?: string;
  } = {},
): Promise<{ id: string; name: string }> {
  const cloud = given.provider === "whatsapp-cloud";
  return one(place, sql.makeSender, [
    organization.id,
    given.name ?? "main",
    given.provider ?? "log",
    cloud ? (given.apiUrl ?? "http://127.0.0.1:9") : null,
    given.phoneNumberId ?? (cloud ? "106540352242922" : null),
    given.wabaId ?? null,
    cloud ? (given.tokenEnv ?? "WHATSAPP_TOKEN") : null,
    given.throughput ?? 80,
    given.haltReason ?? null,
  ]);
}

/** `n` contacts with the phones +31610000001, +31610000002 … after those that the organization has; in that order. */
export async function makeContacts(
  place: Place,
  organization: { id: string },
  n: number,
  given: {
    tags?: readonly string[];
    firstName?: string;
    language?: string;
    timezone?: string;
    attributes?: object;
    optedInAt?: Date;
    optedOutAt?: Date;
    blockedAt?: Date;
    lastInboundAt?: Date;
    createdAt?: Date;
  } = {},
): Promise<{ id: string; phone: string }[]> {
  return all(place, sql.makeContacts, [
    organization.id,
    n,
    given.firstName ?? null,
    given.language ?? null,
    given.timezone ?? null,
    JSON.stringify(given.attributes ?? {}),
    given.optedInAt ?? null,
    given.optedOutAt ?? null,
    given.blockedAt ?? null,
    given.lastInboundAt ?? null,
    given.createdAt ?? null,
    given.tags ?? [],
  ]);
}

/** An approved template with a body only; its variables are those of the body's text. */
export async function makeTemplate(
  place: Place,
  organization: { id: string },
  given: { name?: string; language?: string; category?: string; status?: string; body?: string } = {},
): Promise<{ id: string; name: string; language: string }> {
  const body = given.body ?? "Hoi {{1}}, vandaag korting";
  return one(place, sql.makeTemplate, [
    organization.id,
    given.name ?? "black_friday",
    given.language ?? "nl",
    given.category ?? "MARKETING",
    given.status ?? "APPROVED",
    JSON.stringify([{ type: "BODY", text: body }]),
    [...body.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]),
  ]);
}

/** A campaign's row in any status; without `senderId` it goes by the default sender. */
export async function makeCampaign(
  place: Place,
  organization: { id: string },
  given: {
    name?: string;
    type?: "promotional" | "transactional" | "notification" | "survey";
    status?: "draft" | "scheduled" | "running" | "paused" | "completed" | "cancelled";
    senderId?: string;
    targetAudience?: object;
    message?: object;
    scheduling?: object;
    rateLimiting?: object;
    settings?: object;
    scheduledAt?: Date;
    pauseReason?: string;
  } = {},
): Promise<TestCampaign> {
  return one(place, sql.makeCampaign, [
    organization.id,
    given.name ?? `Campaign ${randomUUID().slice(0, 8)}`,
    given.type ?? "promotional",
    given.status ?? "running",
    given.senderId ?? null,
    JSON.stringify(given.targetAudience ?? { type: "all" }),
    JSON.stringify(given.message ?? { type: "text", text: "Hoi {{ contact.first_name }}" }),
    JSON.stringify(given.scheduling ?? { type: "immediate" }),
    JSON.stringify(given.rateLimiting ?? { enabled: false }),
    JSON.stringify(given.settings ?? {}),
    given.scheduledAt ?? null,
    given.pauseReason ?? null,
  ]);
}

/** A campaign's run, expanded as far as jobs are made for it (makeJobs); frozen from the campaign as it is. */
export async function makeRun(
  place: Place,
  campaign: { id: string },
  given: { marketing?: boolean; perHour?: number; expanded?: boolean } = {},
): Promise<TestRun> {
  return one(place, sql.makeRun, [
    campaign.id,
    given.marketing ?? null,
    given.perHour ?? null,
    given.expanded ?? true,
  ]);
}

/**
 * Jobs of a run in the given states, each with the columns (and, once accepted, the message) that the sending path would
 * have left. Settled ones first, so that the run's cursor stands before the pending ones. The run's sender holds a lane
 * when some are dispatching.
 * @param given.ago when they were dispatched, as an interval before now ("1 hour"); rows 1 ms apart
 * @param given.contacts whose they are; made when left out
 */
export async function makeJobs(
  place: Place,
  run: TestRun,
  states: Partial<Record<JobState, number>>,
  given: { ago?: string; contacts?: readonly { id: string }[] } = {},
): Promise<TestJob[]> {
  return inPlace(place, async (tx) => {
    const wanted = ORDER.flatMap((state) => Array.from({ length: states[state] ?? 0 }, () => state));
    const contacts = given.contacts ?? (await makeContacts(tx, { id: run.organizationId }, wanted.length));
    return tx.query<TestJob>(sql.makeJobs, [
      run.campaignId,
      run.organizationId,
      wanted,
      wanted.map((_, i) => (contacts[i] as { id: string }).id),
      given.ago ?? "1 hour",
    ]);
  });
}

const ORDER: readonly JobState[] = [
  "sent",
  "delivered",
  "read",
  "failed",
  "skipped",
  "unknown",
  "waiting",
  "dispatching",
  "cancelled",
  "pending",
];

/** Runs `work` as adsapp_worker: in the given transaction, or in one of its own. */
export function inPlace<T>(place: Place, work: (tx: Transaction) => Promise<T>): Promise<T> {
  return place instanceof Database ? place.transaction(worker, work) : work(place);
}

function all<R extends object>(place: Place, query: string, parameters: readonly unknown[]): Promise<R[]> {
  return inPlace(place, (tx) => tx.query<R>(query, parameters));
}

async function one<R extends object>(
  place: Place,
  query: string,
  parameters: readonly unknown[],
): Promise<R> {
  const [row] = await all<R>(place, query, parameters);
  if (row === undefined) throw new Error("the factory made no row");
  return row;
}
