import fc from "fast-check";
import { expect } from "vitest";
import { claimWindows } from "../../src/sending/claim.ts";
import { type Lane, takeLanes } from "../../src/sending/lane.ts";
import type { RowOutcome } from "../../src/sending/outcomes.ts";
import { Recorder } from "../../src/sending/recorder.ts";
import { rescueWindows } from "../../src/sending/rescue.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeSender } from "../support/factories.ts";
import { LEASE, NOW, type Setup, type World } from "./setup.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MESSAGE = { type: "template", template: "black_friday", language: "nl" };
const LIMIT = 5;
const CAP = { messages: 2, days: 2 };
const PER_HOUR = 2;

/** `jump`: the clock goes on, by up to a day and a half; `crash`: the process dies and others rescue; `restart`: it stops in good order. */
const EVENTS = [
  "claim",
  "claim",
  "claim",
  "record",
  "record",
  "minutes",
  "jump",
  "crash",
  "restart",
  "pause",
  "start",
] as const;
const OUTCOMES: RowOutcome[] = ["sent", "sent", "sent", "unknown", "retry", "failed", "handback"];

interface Attempt {
  kind: "b" | "d";
  jobId: string;
  campaignId: string;
  contactId: string;
  attempt: number;
  windowId: string;
  lane: Lane;
  at: number;
  /** false once it is known that it did not reach the person */
  mayHaveReached: boolean;
}

class Model {
  readonly attempts: Attempt[] = [];
  open: Attempt[] = [];
  seconds = 0;
  readonly hourly = new Set<string>();

  constructor(
    readonly s: Setup,
    readonly w: World,
    readonly people: { id: string }[],
    readonly senders: { id: string }[],
  ) {}

  get now(): number {
    return NOW.getTime() + this.seconds * 1000;
  }

  /** The clock stands at whole seconds of the model's own. */
  tell(more = 0): void {
    this.seconds += more;
    this.s.at(new Date(this.now));
  }

  async act(event: (typeof EVENTS)[number], pick: number): Promise<void> {
    const { w } = this;
    this.tell(event === "minutes" ? pick * 60 : event === "jump" ? pick * 3600 : 1);
    if (event === "claim") await this.claim(1 + (pick % 7));
    if (event === "record") await this.record(pick);
    if (event === "start") await this.start(pick);
    if (event === "pause")
      await w.rows(
        "update bulk_campaigns set status = case status when 'paused' then 'running' else 'paused' end, pause_reason = case status when 'paused' then null else 'test' end where organization_id = $1 and md5(id::text) < $2",
        [w.organization.id, (pick % 16).toString(16)],
      );
    if (event === "restart") while (this.open.length > 0) await this.record(0, "handback");
    if (event === "crash" || event === "restart") await w.expireLeases();
    if (event === "crash") {
      await rescueWindows(this.s.database, w.organization.id);
      this.open = [];
    }
  }

  async start(pick: number): Promise<void> {
    const from = pick % this.people.length;
    const perHour = pick % 2 === 0 ? { perHour: PER_HOUR, type: "notification" as const } : {};
    const contacts = this.people.slice(from, from + 6);
    const senderId = this.senders[pick % 2]?.id as string;
    const campaign = await this.w.broadcast({ contacts, senderId, message: MESSAGE, ...perHour });
    if (pick % 2 === 0) this.hourly.add(campaign.id);
    if (pick % 3 > 0) return;
    const drip = await makeDrip(this.s.database, this.w.organization, {
      senderId,
      steps: [{ message: MESSAGE }, { hours: 3, message: MESSAGE }],
    });
    await makeEnrollments(this.s.database, drip, contacts.slice(0, 2));
  }

  private async claim(size: number): Promise<void> {
    const lanes = await takeLanes(this.s.database, {
      leaseSeconds: LEASE,
      organizationId: this.w.organization.id,
      limit: 2,
    });
    for (const lane of lanes) {
      for (const { id: windowId, jobs } of await claimWindows(this.s.database, lane, size)) {
        for (const { kind, id: jobId, campaignId, contactId, attempts } of jobs) {
          if (kind === "m") continue; // no campaign's
          const made = {
            kind,
            jobId,
            campaignId,
            contactId,
            attempt: attempts,
            windowId,
            lane,
            at: this.now,
          };
          const attempt = { ...made, mayHaveReached: true };
          this.attempts.push(attempt);
          this.open.push(attempt);
        }
      }
      await this.s.rows(
        "update senders set lane_expires_at = clock_timestamp() + interval '1 hour' where id = $1",
        [lane.id],
      );
    }
  }

  private async record(pick: number, word?: RowOutcome): Promise<void> {
    const [attempt] = this.open.splice(pick % Math.max(1, this.open.length), 1);
    if (attempt === undefined) return;
    const row = word ?? (OUTCOMES[pick % OUTCOMES.length] as RowOutcome);
    const { kind, jobId, windowId, lane } = attempt;
    const recorder = new Recorder(this.s.database, lane, () => {});
    const providerMessageId = row === "sent" ? `wamid.${jobId}.${attempt.attempt}` : null;
    const outcome = { row, afterSeconds: 60, errorCode: "131000", error: null, providerMessageId };
    recorder.open(windowId, 1 + this.open.filter((each) => each.windowId === windowId).length);
    const at = new Date(this.now);
    recorder.add({ kind, jobId, windowId, attempt: attempt.attempt, outcome, at, type: "text", body: null });
    await recorder.drain();
    if (row !== "sent" && row !== "unknown") attempt.mayHaveReached = false;
  }
}

/** The most people whom these attempts went to within any 24 hours. */
function mostPeople(attempts: readonly Attempt[]): number {
  const within = ({ at: from }: Attempt) =>
    attempts.filter(({ at }) => at >= from && at < from + DAY - MINUTE);
  return Math.max(
    0,
    ...attempts.map((first) => new Set(within(first).map(({ contactId }) => contactId)).size),
  );
}

function mostWithin(times: readonly number[], length: number): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + length).length));
}

/** Each message with its last attempt that may have reached the person. */
function touches(attempts: readonly Attempt[], contactId: string): number[] {
  const last = new Map<string, number>();
  for (const { jobId, at, contactId: whose, mayHaveReached } of attempts)
    if (whose === contactId && mayHaveReached) last.set(jobId, at);
  return [...last.values()];
}

export const LIMITS = { people: LIMIT, perHour: PER_HOUR, perPerson: CAP.messages };

/**
 * Plays random histories and looks at what went out. @returns the most that any of them came to, which must be the limits
 * themselves, or the histories prove little
 */
export async function playHistories(s: Setup, parameters: fc.Parameters<unknown>) {
  const events = fc.array(fc.tuple(fc.constantFrom(...EVENTS), fc.integer({ min: 0, max: 36 })), {
    minLength: 20,
    maxLength: 60,
  });
  let reached = { people: 0, perHour: 0, perPerson: 0 };
  await fc.assert(
    fc.asyncProperty(events, async (history) => {
      s.at(NOW);
      const w = await s.world({ settings: { frequencyCap: CAP }, sender: { provider: "whatsapp-cloud" } });
      const second = await makeSender(s.database, w.organization, {
        name: "second",
        provider: "whatsapp-cloud",
        phoneNumberId: "2",
      });
      await w.rows(
        `with p as (insert into portfolios (organization_id, name, messaging_limit) values ($1, 'Klein', $2) returning id)
           update senders set portfolio_id = p.id from p where senders.organization_id = $1`,
        [w.organization.id, LIMIT],
      );
      const model = new Model(s, w, await w.contacts(10), [w.sender, second]);
      for (const pick of [0, 1, 3]) await model.start(pick);
      for (const [event, pick] of history) await model.act(event, pick);
      await s.expectCleanAudit();
      const perHour = [...model.hourly].map((id) =>
        mostWithin(
          model.attempts.filter(({ campaignId }) => campaignId === id).map(({ at }) => at),
          HOUR,
        ),
      );
      const perPerson = model.people.map(({ id }) =>
        mostWithin(
          touches(
            model.attempts.filter(({ campaignId }) => !model.hourly.has(campaignId)),
            id,
          ),
          CAP.days * DAY - MINUTE,
        ),
      );
      reached = {
        people: Math.max(reached.people, mostPeople(model.attempts)),
        perHour: Math.max(reached.perHour, ...perHour),
        perPerson: Math.max(reached.perPerson, ...perPerson),
      };
      expect(mostPeople(model.attempts)).toBeLessThanOrEqual(LIMIT);
      expect(Math.max(0, ...perHour)).toBeLessThanOrEqual(PER_HOUR);
      expect(Math.max(0, ...perPerson)).toBeLessThanOrEqual(CAP.messages);
      await w.rows("update organizations set paused_at = adsapp_now() where id = $1", [w.organization.id]);
    }),
    parameters as fc.Parameters<[[(typeof EVENTS)[number], number][]]>,
  );
  return reached;
}
