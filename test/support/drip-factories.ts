// Drips, who is in them, and what became of their messages: rows for tests, a set at a time, as adsapp_worker.
import { randomUUID } from "node:crypto";
import { inPlace, type Place } from "./factories.ts";

/** A step of a drip. Its delay is one of the four (none: at once); the text says which step it is unless given. */
export interface TestStep {
  minutes?: number;
  hours?: number;
  days?: number;
  weeks?: number;
  /** a local time */
  sendAt?: string;
  when?: object;
  text?: string;
  message?: object;
  templateId?: string;
  variables?: object;
}

export interface TestDrip {
  id: string;
  name: string;
  organizationId: string;
  /** of version 1, in order */
  stepIds: string[];
}

export interface TestEnrollment {
  id: string;
  contactId: string;
  status: "active" | "completed" | "paused" | "dropped" | "opted_out";
  /** when its planned step is due; null: none is planned */
  nextMessageAt: Date | null;
}

export interface TestLog {
  id: string;
  enrollmentId: string;
  contactId: string;
  stepOrder: number;
  scheduledFor: Date;
  nextAttemptAt: Date | null;
  status: LogStatus;
  skipReason: string | null;
  sentAt: Date | null;
}

export type LogStatus =
  | "pending"
  | "dispatching"
  | "unknown"
  | "sent"
  | "delivered"
  | "read"
  | "failed"
  | "skipped"
  | "cancelled";

/** A drip with its steps: those of the customer's document (at once, after 2 days, after 5) unless given. */
export function makeDrip(
  place: Place,
  organization: { id: string },
  given: {
    name?: string;
    status?: "draft" | "active" | "paused" | "archived";
    trigger?: { type: string; [config: string]: unknown };
    settings?: object;
    exitWhen?: object[];
    senderId?: string;
    steps?: TestStep[];
  } = {},
): Promise<TestDrip> {
  const { type, ...config } = given.trigger ?? { type: "manual" };
  return inPlace(place, async (tx) => {
    const drip = await tx.one<{ id: string; name: string }>(
      `insert into drip_campaigns (organization_id, name, status, trigger_type, trigger_config, settings, exit_when, sender_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8) returning id, name`,
      [
        organization.id,
        given.name ?? `Drip ${randomUUID().slice(0, 8)}`,
        given.status ?? "active",
        type,
        JSON.stringify(config),
        JSON.stringify(given.settings ?? {}),
        JSON.stringify(given.exitWhen ?? []),
        given.senderId ?? null,
      ],
    );
    if (drip === undefined) throw new Error("the factory made no drip");
    const made = { ...drip, organizationId: organization.id };
    const steps = given.steps ?? [{ minutes: 0 }, { days: 2 }, { days: 5 }];
    return { ...made, stepIds: await makeSteps(tx, made, steps) };
  });
}

/** Adds a version's steps, in order. @returns their ids. It is not the current version yet unless it was */
export function makeSteps(
  place: Place,
  drip: { id: string; organizationId: string },
  steps: readonly TestStep[],
  version = 1,
): Promise<string[]> {
  const rows = steps.map((step, i) => ({
    ...delayOf(step),
    step_order: i + 1,
    send_at: step.sendAt ?? null,
    conditions: step.when ?? null,
    message_content: step.message === undefined ? (step.text ?? `Stap ${i + 1}`) : null,
    message: step.message ?? null,
    message_type: step.templateId === undefined ? "text" : "template",
    template_id: step.templateId ?? null,
    variables: step.variables ?? {},
  }));
  return inPlace(place, async (tx) => {
    const made = await tx.query<{ id: string; stepOrder: number }>(
      `insert into drip_campaign_steps (organization_id, campaign_id, version, step_order, delay_type, delay_value, send_at, conditions,
                                        message_content, message, message_type, template_id, variables)
       select $1, $2, $3, s.step_order, s.delay_type, s.delay_value, s.send_at, s.conditions, s.message_content, s.message,
              coalesce(s.message ->> 'type', s.message_type), s.template_id, s.variables
         from jsonb_populate_recordset(null::drip_campaign_steps, $4) s
       returning id, step_order`,
      [drip.organizationId, drip.id, version, JSON.stringify(rows)],
    );
    return made.sort((a, b) => a.stepOrder - b.stepOrder).map(({ id }) => id);
  });
}

function delayOf({ minutes, hours, days, weeks }: TestStep): { delay_type: string; delay_value: number } {
  if (hours !== undefined) return { delay_type: "hours", delay_value: hours };
  if (days !== undefined) return { delay_type: "days", delay_value: days };
  if (weeks !== undefined) return { delay_type: "weeks", delay_value: weeks };
  return { delay_type: "minutes", delay_value: minutes ?? 0 };
}

/** Enters contacts in one statement, first steps planned. @returns them in the contacts' order */
export function makeEnrollments(
  place: Place,
  drip: { id: string },
  contacts: readonly { id: string }[],
  given: { version?: number; entryNo?: number; enrolledBy?: string; enrolledAt?: Date } = {},
): Promise<TestEnrollment[]> {
  return inPlace(place, async (tx) => {
    const made = await tx.query<{ id: string }>(
      `insert into drip_enrollments (campaign_id, contact_id, version, entry_no, enrolled_by, enrolled_at)
       select $1, c.id, $3, $4, $5, coalesce($6, adsapp_now()) from unnest($2::uuid[]) c(id) returning id`,
      [
        drip.id,
        contacts.map(({ id }) => id),
        given.version ?? null,
        given.entryNo ?? null,
        given.enrolledBy ?? null,
        given.enrolledAt ?? null,
      ],
    );
    const rows = await enrollmentsOf(
      tx,
      made.map(({ id }) => id),
    );
    const byContact = new Map(rows.map((row) => [row.contactId, row]));
    return contacts.map(({ id }) => byContact.get(id) as TestEnrollment);
  });
}

/** Enrollments as they are now, in the order of their ids. */
export async function enrollmentsOf(place: Place, ids: readonly string[]): Promise<TestEnrollment[]> {
  const rows = await inPlace(place, (tx) =>
    tx.query<TestEnrollment>("select * from drip_enrollments where id = any ($1::uuid[])", [ids]),
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) as TestEnrollment);
}

/** Every message of a drip, or of one enrollment, in the order of people's entry and of the steps. */
export function logsOf(place: Place, of: { id: string }): Promise<TestLog[]> {
  return inPlace(place, (tx) =>
    tx.query<TestLog>(
      `select l.* from drip_message_logs l join drip_enrollments e on e.id = l.enrollment_id
        where $1 in (l.campaign_id, l.enrollment_id) order by e.enrolled_at, e.id, l.step_order`,
      [of.id],
    ),
  );
}

/**
 * Brings the open message of each enrollment into a state, with the columns that the sending path would leave. Once it is
 * over, the next step is planned by trigger.
 * @param given.at when it was dispatched, and accepted or failed (now, unless given)
 * @returns how many it changed
 */
export function settleSteps(
  place: Place,
  enrollments: readonly { id: string }[],
  status: LogStatus,
  given: { at?: Date; reason?: string } = {},
): Promise<number> {
  return inPlace(place, (tx) =>
    tx.run(
      `update drip_message_logs l
          set status = $2::text, attempts = case when $2 in ('pending', 'skipped', 'cancelled') then l.attempts else 1 end, next_attempt_at = null,
              dispatched_at = case when $2 in ('pending', 'skipped', 'cancelled') then l.dispatched_at else a.at end,
              unknown_since = case when $2 = 'unknown' then a.at end,
              lane_token = case when $2 = 'dispatching' then gen_random_uuid() end,
              skip_reason = case when $2 = 'skipped' then $4 end,
              sent_at = case when $2 in ('sent', 'delivered', 'read') then a.at end,
              delivered_at = case when $2 in ('delivered', 'read') then a.at end, read_at = case when $2 = 'read' then a.at end,
              failed_at = case when $2 = 'failed' then a.at end,
              counted_on = case when $2 in ('sent', 'delivered', 'read', 'failed') then (a.at at time zone o.timezone)::date end
         from (select coalesce($3::timestamptz, adsapp_now()) as at) a, organizations o
        where o.id = l.organization_id and l.enrollment_id = any ($1::uuid[]) and l.status in ('pending', 'dispatching', 'unknown')`,
      [enrollments.map(({ id }) => id), status, given.at ?? null, given.reason ?? "condition"],
    ),
  );
}
