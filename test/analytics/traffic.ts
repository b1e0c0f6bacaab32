// Random news of messages around a local midnight, also one at which the clocks change: late, repeated, in any order.
import fc from "fast-check";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { applyInbox } from "../../src/webhooks/inbox.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  makeTemplate,
} from "../support/factories.ts";
import { changeBody, messagesBody } from "../webhooks/messages.ts";

const NUMBER = "106540352242922";

export interface Target {
  /** of the message, or one that is told of first by its opaque id */
  wamid: string;
  opaque: string | undefined;
  waId: string;
}

export interface Traffic {
  url: string;
  database: Database;
  organizationId: string;
  targets: Target[];
  /** half an hour after it, most messages having gone out before */
  midnight: Date;
  /** stores bodies and applies them, by several workers at once */
  apply(bodies: readonly string[]): Promise<void>;
  end(): Promise<void>;
}

/** Broadcasts of two templates (variants) and a drip of one, by a number of the Cloud API; and agents' answers. */
export async function makeTraffic(midnight: string, timezone = "Europe/Amsterdam"): Promise<Traffic> {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const at = new Date(midnight);
  const offsetTo = (minutes: number) => `${(at.getTime() + minutes * 60_000 - Date.now()) / 1000} s`;
  const offset = offsetTo(30);
  database.setNowOffset(offset);
  const organization = await makeOrganization(database, { timezone });
  await makeSender(database, organization, { provider: "whatsapp-cloud", phoneNumberId: NUMBER });
  await makeTemplate(database, organization, { name: "winter" });
  const spring = await makeTemplate(database, organization, { name: "spring" });
  const ofRun = await makeVariants(database, organization);
  const drip = await makeDrip(database, organization, { steps: [{ templateId: spring.id }, { days: 2 }] });
  const people = await makeContacts(database, organization, 6);
  database.setNowOffset(offsetTo(-60));
  const enrollments = await makeEnrollments(database, drip, people);
  await settleSteps(database, enrollments.slice(0, 4), "unknown", { at: new Date(at.getTime() - 60_000) });
  database.setNowOffset(offset);
  const logs = await database.transaction(worker, (tx) =>
    tx.query<{ id: string; phone: string }>(
      "select l.id, c.phone from drip_message_logs l join contacts c on c.id = l.contact_id where l.status = 'unknown'",
    ),
  );
  const targets = [
    ...ofRun,
    ...logs.map(({ id, phone }) => ({ wamid: `wamid.D.${id}`, opaque: `d:${id}:1`, waId: phone.slice(1) })),
    ...(await makeAnswers(database, organization.id, people.slice(0, 2), at)),
  ];
  const workers = [0, 1, 2].map(() => new Database({ url: testDatabase.url, nowOffset: offset }));
  return {
    url: testDatabase.url,
    database,
    organizationId: organization.id,
    targets,
    midnight: at,
    async apply(bodies) {
      await database.transaction(worker, (tx) =>
        tx.run("insert into webhook_inbox (body) select b from unnest($1::text[]) as b", [bodies]),
      );
      await Promise.all(workers.map((one) => applyInbox(one)));
    },
    async end() {
      await Promise.all([database, ...workers].map((one) => one.close()));
      await testDatabase.drop();
    },
  };
}

const VARIANTS = {
  variants: [
    { name: "A", weight: 1, template: { name: "winter", language: "nl" } },
    { name: "B", weight: 1, template: { name: "spring", language: "nl" } },
  ],
};

/** A run of two variants with a template each, and messages in most states. */
async function makeVariants(database: Database, organization: { id: string }): Promise<Target[]> {
  const run = await makeRun(database, await makeCampaign(database, organization));
  return database.transaction(worker, async (tx) => {
    await tx.run("update campaign_runs set definition = definition || $2::jsonb where campaign_id = $1", [
      run.campaignId,
      JSON.stringify(VARIANTS),
    ]);
    const states = { sent: 8, unknown: 6, failed: 1, skipped: 1 };
    const jobs = await makeJobs(tx, run, states, { ago: "32 min" });
    await tx.run(
      "update bulk_message_jobs set variant = case when adsapp_share(campaign_id, contact_id, 'variant') < 0.5 then 'A' else 'B' end where status <> 'skipped'",
    );
    const contacts = await tx.query<{ id: string; phone: string }>("select id, phone from contacts");
    const phones = new Map(contacts.map(({ id, phone }) => [id, phone.slice(1)]));
    return jobs
      .filter(({ status }) => status === "sent" || status === "unknown")
      .map(({ id, messageId, contactId }) => ({
        wamid: messageId === null ? `wamid.B.${id}` : `wamid.${messageId}`,
        opaque: messageId === null ? `b:${id}:1` : undefined,
        waId: phones.get(contactId) as string,
      }));
  });
}

/** Agents' answers: messages of no campaign. */
async function makeAnswers(
  database: Database,
  organizationId: string,
  people: readonly { id: string; phone: string }[],
  at: Date,
): Promise<Target[]> {
  return database.transaction(worker, async (tx) => {
    const targets: Target[] = [];
    for (const { id, phone } of people) {
      const wamid = `wamid.A.${id}`;
      await tx.run(
        `insert into messages (organization_id, direction, contact_id, sender_id, type, provider_message_id, status, sent_at)
         select $1, 'outbound', $2, s.id, 'text', $3, 'sent', $4 from senders s where s.organization_id = $1`,
        [organizationId, id, wamid, at],
      );
      targets.push({ wamid, opaque: undefined, waId: phone.slice(1) });
    }
    return targets;
  });
}

/** What Meta tells, minutes before or after midnight; the body repeated, where `times` says so. */
export interface News {
  target: number;
  what: "sent" | "delivered" | "read" | "failed" | "reply" | "stop";
  minutes: number;
  isPriced: boolean;
  times: number;
}

export const news: fc.Arbitrary<News[]> = fc.array(
  fc.record({
    target: fc.nat(),
    what: fc.constantFrom<News["what"]>(
      "sent",
      "delivered",
      "delivered",
      "read",
      "read",
      "failed",
      "reply",
      "stop",
    ),
    minutes: fc.integer({ min: -120, max: 29 }),
    isPriced: fc.boolean(),
    times: fc.constantFrom(1, 1, 1, 2),
  }),
  { minLength: 14, maxLength: 30 }, // so that some of it has a price
);

export function bodiesOf({ targets, midnight }: Traffic, told: readonly News[]): string[] {
  return told.flatMap((one) => {
    const target = targets[one.target % targets.length] as Target;
    const at = new Date(midnight.getTime() + one.minutes * 60_000);
    return Array.from({ length: one.times }, () => bodyOf(one, target, at));
  });
}

function bodyOf({ what, isPriced }: News, { wamid, opaque, waId }: Target, at: Date): string {
  if (what === "reply" || what === "stop") {
    const text = { body: what === "stop" ? "STOP" : "Ja graag" };
    return messagesBody([{ from: waId, at, answers: wamid, text }], { number: NUMBER });
  }
  const pricing = { billable: true, pricing_model: "PMP", type: "regular", category: "marketing" };
  const status = {
    id: wamid,
    status: what,
    timestamp: String(at.getTime() / 1000),
    recipient_id: waId,
    ...(opaque === undefined ? {} : { biz_opaque_callback_data: opaque }),
    ...(what === "failed" ? { errors: [{ code: 131000, title: "Something went wrong" }] } : {}),
    ...(isPriced && what !== "failed" ? { pricing } : {}),
  };
  return changeBody("messages", { statuses: [status] }, NUMBER);
}
