import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Lane, takeLanes } from "../../src/sending/lane.ts";
import type { RowOutcome } from "../../src/sending/outcomes.ts";
import { Recorder } from "../../src/sending/recorder.ts";
import { rescueWindows, settleUnknown } from "../../src/sending/rescue.ts";
import { applyInbox, storeBodies } from "../../src/webhooks/inbox.ts";
import { bodyOf } from "../webhooks/setup.ts";
import { claimWindow } from "./claim.ts";
import { LEASE, minutesAfter, NOW, type Setup, setup, type TestBroadcast, type World } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(() => s.end());

/** From which states to which others a row may step; through `dispatching` only from pending. */
const STEPS: Record<string, readonly string[]> = {
  pending: ["dispatching", "skipped", "cancelled", "sent", "delivered", "failed"],
  dispatching: ["pending", "unknown", "sent", "delivered", "failed", "skipped"],
  unknown: ["pending", "sent", "delivered", "failed"],
  sent: ["delivered", "failed"],
  failed: ["sent", "delivered"],
  cancelled: ["sent", "delivered", "failed"],
  skipped: ["sent", "delivered", "failed"],
  delivered: [],
};

/** Steps that the histories must have come upon, or the test would prove little. */
const SEEN_AT_LEAST = [
  "pending > dispatching",
  "dispatching > pending",
  "dispatching > unknown",
  "dispatching > sent",
  "dispatching > failed",
  "unknown > pending",
  "unknown > sent",
  "unknown > delivered",
  "sent > delivered",
  "pending > cancelled",
];

const EVENTS = [
  "claim",
  "claim",
  "record",
  "record",
  "webhook",
  "webhook",
  "rescue",
  "death",
  "settle",
  "settle",
  "lease",
  "cancel",
  "minutes",
] as const;
const WORDS: RowOutcome[] = ["sent", "sent", "retry", "wait", "failed", "unknown", "handback"];

interface Dispatched {
  jobId: string;
  windowId: string;
  attempt: number;
  lane: Lane;
}

class Model {
  readonly open: Dispatched[] = [];
  readonly posted: Dispatched[] = [];
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
    if (event === "cancel")
      await w.rows(
        "update bulk_message_jobs set status = 'cancelled', next_attempt_at = null where id = $1 and status = 'pending'",
        [this.campaign.jobs[pick % this.campaign.jobs.length]?.id],
      );
    if (event === "minutes") this.minutes += 7;
    s.at(minutesAfter(this.minutes));
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
    for (const job of jobs)
      this.open.push({ jobId: job.id, windowId: id, attempt: job.attempts, lane: this.lane });
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
    const status = ["sent", "delivered", "failed"][Math.floor(pick / 7) % 3] as string;
    const told = {
      id: wamidOf(dispatched),
      status,
      job: { id: dispatched.jobId },
      attempt: dispatched.attempt,
      at: "2026-11-27T09:00:00Z",
    };
    await storeBodies(
      s.database,
      [bodyOf([{ ...told, ...(status === "failed" ? { code: 131000 } : {}) }])],
      "test",
    );
    await applyInbox(s.database);
  }
}

const wamidOf = ({ jobId, attempt }: Dispatched) => `wamid.${jobId}.${attempt}`;

async function statesOf(
  model: Model,
): Promise<Map<string, { status: string; attempts: number; isAccepted: boolean }>> {
  const rows = await s.rows<{ id: string; status: string; attempts: number; isAccepted: boolean }>(
    `select j.id, j.status, j.attempts, exists (select from messages m where m.bulk_message_job_id = j.id
                                          and m.status in ('sent', 'delivered')) as is_accepted
       from bulk_message_jobs j where j.campaign_id = $1`,
    [model.campaign.id],
  );
  return new Map(rows.map(({ id, ...row }) => [id, row]));
}

describe("a job", () => {
  it("walks its states only, whatever comes in whatever order, and the books stay clean", async () => {
    const events = fc.array(fc.tuple(fc.constantFrom(...EVENTS), fc.nat(41)), {
      minLength: 10,
      maxLength: 40,
    });
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(events, async (history) => {
        s.at(NOW);
        const w = await s.world({ sender: { phoneNumberId: "106540352242922" } });
        const model = new Model(w, await w.broadcast({ states: { pending: 3 } }));
        for (const [event, pick] of history) {
          const before = await statesOf(model);
          await model.act(event, pick);
          for (const [id, { status, attempts }] of await statesOf(model)) {
            const was = before.get(id) as { status: string; attempts: number; isAccepted: boolean };
            if (status !== was.status) {
              seen.add(`${was.status} > ${status}`);
              expect(STEPS[was.status], `${event}: ${was.status} to ${status}`).toContain(status);
            }
            if (attempts > was.attempts) expect(was).toMatchObject({ status: "pending", isAccepted: false });
          }
        }
        await s.expectCleanAudit();
        await w.rows("update senders set phone_number_id = null where organization_id = $1", [
          w.organization.id,
        ]);
      }),
      { numRuns: 25, seed: 20_261_127 },
    );
    expect(SEEN_AT_LEAST.filter((step) => !seen.has(step))).toEqual([]);
  });
});
