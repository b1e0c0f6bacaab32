import { afterAll, beforeAll, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import { previewContact } from "../../src/drips/preview-contact.ts";
import { resolveOrganization } from "../../src/organizations/organization.ts";
import { claimWindows } from "../../src/sending/claim.ts";
import { takeLanes } from "../../src/sending/lane.ts";
import { makeDrip, type TestDrip, type TestStep } from "../support/drip-factories.ts";
import { makeContacts, makeSender, makeTemplate } from "../support/factories.ts";
import { minutes, NOW, type Setup, setup } from "./setup.ts";

interface Case {
  step?: TestStep;
  drip?: { settings?: object; exitWhen?: object[] };
  contact?: Parameters<typeof makeContacts>[3];
}

const template = { type: "template", template: "welkom", language: "nl" };
const recently = new Date(NOW.getTime() - 60_000);
const longAgo = new Date(NOW.getTime() - 86_400_000);
const isNew = { field: "created_at", op: "within_days", value: 3 };

const CASES: Record<string, Case> = {
  "a template": {},
  "text in the service window": {
    step: { message: { type: "text", text: "Hoi" } },
    contact: { lastInboundAt: recently },
  },
  "text a day after the last answer": {
    step: { message: { type: "text", text: "Hoi" } },
    contact: { lastInboundAt: longAgo },
  },
  "text without any answer": { step: { text: "Hoi" } },
  "a condition that is met": { step: { when: isNew }, contact: { createdAt: recently } },
  "a condition that is not": { step: { when: { not: { tag: "vip" } } }, contact: { tags: ["vip"] } },
  "an exit": { drip: { exitWhen: [{ tag: "customer" }, { tag: "vip" }] }, contact: { tags: ["vip"] } },
  "an exit before a condition": {
    step: { when: { tag: "leads" } },
    drip: { exitWhen: [{ tag: "vip" }] },
    contact: { tags: ["vip"] },
  },
  "quiet hours": { drip: { settings: { quietHours: ["09:00", "11:30"] } } },
  "quiet hours and a condition that is not met": {
    step: { when: { tag: "leads" } },
    drip: { settings: { quietHours: ["09:00", "11:30"] } },
  },
  "quiet hours where the contact lives": {
    drip: { settings: { quietHours: ["22:00", "08:00"] } },
    contact: { timezone: "America/New_York" },
  },
  "an opted-out contact of a transactional drip, with a marketing template": {
    step: { message: { ...template, template: "actie" } },
    drip: { settings: { transactional: true } },
    contact: { optedOutAt: longAgo },
  },
  "an opted-out contact of a transactional drip": {
    drip: { settings: { transactional: true } },
    contact: { optedOutAt: longAgo },
  },
};

let s: Setup;

beforeAll(async () => {
  s = await setup();
  await makeSender(s.database, s.organization, { provider: "whatsapp-cloud" });
  await makeTemplate(s.database, s.organization, { name: "welkom", category: "UTILITY", body: "Welkom!" });
  await makeTemplate(s.database, s.organization, { name: "actie", category: "MARKETING", body: "Korting!" });
});

afterAll(() => s.end());

/** A drip of two steps: the second shows that what follows counts from what became of the first. */
async function made({ step, drip, contact }: Case): Promise<{ drip: TestDrip; contactId: string }> {
  const steps = [
    step?.text === undefined ? { message: template, ...step } : step,
    { days: 1, message: template },
  ];
  const [person] = await makeContacts(s.database, s.organization, 1, contact);
  return {
    drip: await makeDrip(s.database, s.organization, { ...drip, steps }),
    contactId: (person as { id: string }).id,
  };
}

/** What the preview says of the first step: when, and what becomes of it. */
async function told(drip: TestDrip, contactId: string) {
  const organization = await s.asWorker((tx) => resolveOrganization(tx, s.organization.id));
  const rehearsal = { database: s.database, identity: operator(s.organization.profileId), organization };
  const { steps, exitReason } = await previewContact(rehearsal, { name: drip.id }, contactId, NOW);
  const [first] = steps;
  return { at: first?.at.toISOString(), skipped: first?.reason, exitReason };
}

/** What the claim really does with each drip's first step at NOW: dispatches it, skips it, or puts it off. */
async function claimed(drips: readonly TestDrip[]) {
  const ids = drips.map(({ id }) => id);
  const [lane] = await takeLanes(s.database, {
    leaseSeconds: 30,
    organizationId: s.organization.id,
    limit: 1,
  });
  if (lane === undefined) throw new Error("no lane has due work");
  await claimWindows(s.database, lane, 500);
  const rows = await s.query<{
    campaignId: string;
    at: Date;
    skipped: string | null;
    exitReason: string | null;
  }>(
    `select l.campaign_id, coalesce(l.next_attempt_at, $2) as at, l.skip_reason as skipped, e.exit_reason
       from drip_message_logs l join drip_enrollments e on e.id = l.enrollment_id
      where l.campaign_id = any ($1::uuid[]) and l.step_order = 1`,
    [ids, NOW],
  );
  return ids.map((id) => {
    const { at, skipped, exitReason } = rows.find(
      ({ campaignId }) => campaignId === id,
    ) as (typeof rows)[number];
    return { at: at.toISOString(), skipped, exitReason };
  });
}

it("the preview says of each case what the claim then does, and when", { timeout: 60_000 }, async () => {
  const worlds: Awaited<ReturnType<typeof made>>[] = [];
  for (const one of Object.values(CASES)) worlds.push(await made(one));
  const previews: object[] = [];
  for (const { drip, contactId } of worlds) previews.push(await told(drip, contactId));
  for (const { drip, contactId } of worlds)
    await s.query(
      `with clock as materialized (select set_config('adsapp.now_offset', ($1::timestamptz - statement_timestamp())::text, true) as is_set)
       select r.* from clock cross join lateral enroll_in_drips(case when clock.is_set is not null then $2::uuid end, array[$3::uuid], array[$4::uuid], null) r`,
      [NOW, s.organization.id, drip.id, contactId],
    );
  const real = await claimed(worlds.map(({ drip }) => drip));
  const named = (of: readonly object[]) =>
    Object.fromEntries(Object.keys(CASES).map((name, i) => [name, of[i]]));
  expect(named(previews)).toEqual(named(real));
  expect(new Set(real.map(({ skipped }) => skipped))).toEqual(
    new Set([null, "outside_service_window", "condition_not_met", "exited", "opted_out"]),
  );
  expect(real.filter(({ at }) => at === minutes(90).toISOString())).toHaveLength(1);
});
