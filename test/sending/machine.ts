import fc from "fast-check";
import { expect } from "vitest";
import { closeCancelled } from "../../src/campaigns/transitions.ts";
import { operator } from "../../src/db/identity.ts";
import { type Person, resolveCampaign } from "../../src/jobs/resolve.ts";
import { retryFailed } from "../../src/jobs/retry.ts";
import { type Lane, takeLanes } from "../../src/sending/lane.ts";
import { type JobStatus, mayStep } from "../../src/sending/machine.ts";
import type { RowOutcome } from "../../src/sending/outcomes.ts";
import { Recorder } from "../../src/sending/recorder.ts";
import { completeCampaigns, rescueWindows, settleUnknown } from "../../src/sending/rescue.ts";
import { applyInbox, storeBodies } from "../../src/webhooks/inbox.ts";
import { bodyOf } from "../webhooks/setup.ts";
import { claimWindow } from "./claim.ts";
import { CODES, EVENTS, RARE, SEEN_AT_LEAST, STATUSES, WORDS } from "./machine-histories.ts";
import { LEASE, minutesAfter, NOW, type Setup, type TestBroadcast, type World } from "./setup.ts";

let s: Setup;

interface Dispatched {
  jobId: string;
  windowId: string;
  attempt: number;
  lane: Lane;
}

/** An attempt that may have gone out. */
const keyOf = ({ jobId, attempt }: { jobId: string; attempt: number }) => `${jobId} ${attempt}`;

class Model {
  readonly open: Dispatched[] = [];
  readonly posted: Dispatched[] = [];
  /** attempts of which nobody knew, or of which Meta said that they failed: what was posted so may be followed by another */
  readonly excused = new Set<string>();
  lane: Lane | undefined;
  minutes = 0;
  constructor(
    readonly w: World,
    readonly campaign: TestBroadcast,
  ) {}

  async act(event: (typeof EVENTS)[number], pick: number): Promise<void> {
    const { w } = this;
    if (event === "claim") return this.claim();
    if (event === "record") return this.record(pick);
    if (event === "webhook") return this.webhook(pick);
    if (event === "rescue") await rescueWindows(s.database, w.organization.id);
    if (event === "settle") return this.settle();
    if (event === "death") await w.expireLeases();
    if (event === "death") await rescueWindows(s.database, w.organization.id);
    if (event === "lease") await w.expireLeases();
    if (event === "cancel" && pick < 8) await this.cancel();
    if (event === "complete") await completeCampaigns(s.database, w.organization.id);
    if (event === "resolve") await this.resolve(pick);
    if (event === "retry") await this.retry();
    if (event === "minutes") this.minutes += 7;
    if (event === "day" && pick < 10) this.minutes += 24 * 60;
    s.at(minutesAfter(this.minutes));
  }

  private get person(): Person {
    return operator(this.w.organization.profileId) as Person;
  }

  private async cancel(): Promise<void> {
    await this.w.rows(
      "update bulk_campaigns set status = 'cancelled', cancelled_at = adsapp_now() where id = $1 and status = 'running'",
      [this.campaign.id],
    );
    await closeCancelled(s.database, this.w.organization.id, this.campaign.id);
  }

  private async resolve(pick: number): Promise<void> {
    const as = pick % 2 === 0 ? "sent" : "not-sent";
    await resolveCampaign(s.database, this.person, this.w.organization.id, this.campaign.id, as);
  }

  private async retry(): Promise<void> {
    const asked = retryFailed(s.database, this.person, this.w.organization.id, this.campaign.id);
    await asked.catch((error: { exitCode?: number }) => {
      if (error.exitCode !== 1) throw error; // it was cancelled
    });
  }

  /** Others get their statuses, ten minutes pass in silence, and it is looked at. */
  private async settle(): Promise<void> {
    await this.w.broadcast({ states: { delivered: 60 }, ago: "0" });
    this.minutes += 11;
    s.at(minutesAfter(this.minutes));
    await settleUnknown(s.database, this.w.organization.id);
  }

  private async claim(): Promise<void> {
    const [taken] = await takeLanes(s.database, {
      leaseSeconds: LEASE,
      organizationId: this.w.organization.id,
      limit: 1,
    });
    this.lane = taken ?? this.lane;
    if (this.lane === undefined) return;
    const { id, jobs } = await claimWindow(s.database, this.lane, 2);
    for (const job of jobs) {
      const before = [...this.posted, ...this.open].filter(
        ({ jobId, attempt }) => jobId === job.id && attempt < job.attempts,
      );
      const twice = before.filter((each) => !this.excused.has(keyOf(each)));
      expect(twice, "dispatched again without having been unknown, or failed").toEqual([]);
      this.open.push({ jobId: job.id, windowId: id, attempt: job.attempts, lane: this.lane });
    }
  }

  private async record(pick: number): Promise<void> {
    const [dispatched] = this.open.splice(pick % Math.max(1, this.open.length), 1);
    if (dispatched === undefined) return;
    const { jobId, windowId, attempt, lane } = dispatched;
    const row = WORDS[pick % WORDS.length] as RowOutcome;
    if (row === "sent" || row === "unknown") this.posted.push(dispatched);
    const recorder = new Recorder(s.database, lane, () => {});
    const providerMessageId = row === "sent" ? wamidOf(dispatched) : null;
    const outcome = {
      row,
      afterSeconds: 60,
      errorCode: row === "sent" ? null : "131000",
      error: null,
      providerMessageId,
    };
    recorder.open(windowId, 1 + this.open.filter((each) => each.windowId === windowId).length);
    recorder.add({ kind: "b", jobId, windowId, attempt, outcome, at: NOW, type: "text", body: null });
    await recorder.drain();
  }

  private async webhook(pick: number): Promise<void> {
    const dispatched = this.posted[pick % Math.max(1, this.posted.length)];
    if (dispatched === undefined) return;
    const status = STATUSES[Math.floor(pick / 7) % STATUSES.length] as string;
    if (status === "failed") this.excused.add(keyOf(dispatched));
    const told = {
      id: wamidOf(dispatched),
      status,
      job: { id: dispatched.jobId },
      attempt: dispatched.attempt,
      at: "2026-11-27T09:00:00Z",
    };
    await storeBodies(
      s.database,
      [bodyOf([{ ...told, ...(status === "failed" ? { code: CODES[pick % CODES.length] as number } : {}) }])],
      "test",
    );
    await applyInbox(s.database);
  }
}

const wamidOf = ({ jobId, attempt }: Dispatched) => `wamid.${jobId}.${attempt}`;

interface State {
  status: JobStatus;
  attempts: number;
  maxAttempts: number;
  sentAt: Date | null;
  resolvedAs: string | null;
  isAccepted: boolean;
}

async function statesOf(model: Model): Promise<Map<string, State>> {
  const rows = await s.rows<State & { id: string }>(
    `select j.id, j.status, j.attempts, j.max_attempts, j.sent_at, j.resolved_as,
            exists (select from messages m where m.bulk_message_job_id = j.id and m.status in ('sent', 'delivered', 'read')) as is_accepted
       from bulk_message_jobs j where j.campaign_id = $1`,
    [model.campaign.id],
  );
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

/** What must hold of a row's step, whatever the event was. */
function expectStep(event: string, was: State, is: State): void {
  if (is.status !== was.status)
    expect(mayStep(was.status, is.status), `${event}: ${was.status} to ${is.status}`).toBe(true);
  if (is.attempts > was.attempts) expect(was).toMatchObject({ status: "pending", isAccepted: false });
  expect(is.attempts).toBeLessThanOrEqual(is.maxAttempts);
  if (was.sentAt !== null) expect(is.sentAt, `${event}: what was sent is never taken back`).not.toBeNull();
  const given = event === "retry" || event === "webhook" ? 1 : 0; // a person's, or what was not the message's fault
  expect(is.maxAttempts - was.maxAttempts).toBeLessThanOrEqual(given);
}

/**
 * Walks histories of events, three jobs each, on a real database.
 * @param setup whose database it is
 * @returns the steps that were not come upon, though they should be
 */
export async function walk(setup: Setup, runs: { numRuns: number; seed?: number }): Promise<string[]> {
  s = setup;
  const events = fc.array(fc.tuple(fc.constantFrom(...EVENTS), fc.nat(41)), {
    minLength: 15,
    maxLength: 40,
  });
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(events, async (history) => {
      s.at(NOW);
      const w = await s.world({ sender: { phoneNumberId: "106540352242922" } });
      const model = new Model(w, await w.broadcast({ states: { pending: 3 } }));
      try {
        for (const [event, pick] of history) {
          const before = await statesOf(model);
          await model.act(event, pick);
          for (const [id, is] of await statesOf(model)) {
            const was = before.get(id) as State;
            if (is.status !== was.status) seen.add(`${was.status} > ${is.status}`);
            if (is.status === "unknown") model.excused.add(keyOf({ jobId: id, attempt: is.attempts }));
            expectStep(event, was, is);
          }
        }
        await closeCancelled(s.database, w.organization.id, model.campaign.id); // as the next tick does
        await s.expectCleanAudit();
      } finally {
        await w.rows("update senders set phone_number_id = null where organization_id = $1", [
          w.organization.id,
        ]);
      }
    }),
    { ...runs, endOnFailure: true, examples: RARE },
  );
  return SEEN_AT_LEAST.filter((step) => !seen.has(step));
}
