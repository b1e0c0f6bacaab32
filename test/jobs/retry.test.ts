import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operator } from "../../src/db/identity.ts";
import type { Person } from "../../src/jobs/resolve.ts";
import { retryable, retryFailed } from "../../src/jobs/retry.ts";
import { completeCampaigns } from "../../src/sending/rescue.ts";
import { NOW, type Setup, setup, type World } from "../sending/setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

const admin = (w: World) => operator(w.organization.profileId) as Person;
const retry = (w: World, { id }: { id: string }) => retryFailed(s.database, admin(w), w.organization.id, id);
const ask = (w: World, name: string, person = admin(w)) =>
  s.database.transaction(person, (tx) => retryable(tx, w.organization.id, name));

/** A completed campaign whose messages failed with these codes. */
async function failed(...codes: string[]) {
  const w = await s.world();
  const campaign = await w.broadcast({ states: { sent: 1, failed: codes.length } });
  const jobs = campaign.jobs.filter(({ status }) => status === "failed");
  for (const [n, code] of codes.entries())
    await w.rows("update bulk_message_jobs set error_code = $2, attempts = max_attempts where id = $1", [
      jobs[n]?.id,
      code,
    ]);
  await completeCampaigns(s.database, w.organization.id);
  return { w, campaign, jobs };
}

describe("failed messages that are tried again", () => {
  it("get one attempt more, and their campaign runs on", async () => {
    const { w, campaign, jobs } = await failed("131000", "unsent");
    expect(await w.campaign(campaign)).toMatchObject({ status: "completed", messagesFailed: 2 });
    expect(await retry(w, campaign)).toMatchObject({
      status: "running",
      retried: 2,
      permanent: 0,
      unreachable: 0,
      reopened: true,
    });
    expect(await w.campaign(campaign)).toMatchObject({
      status: "running",
      completedAt: null,
      messagesSent: 1,
      messagesFailed: 0,
    });
    for (const job of jobs)
      expect(await w.job(job)).toMatchObject({
        status: "pending",
        attempts: 3,
        maxAttempts: 4,
        failedAt: null,
        countedOn: null,
      });
    expect((await w.claim()).jobs.map(({ attempts }) => attempts)).toEqual([4, 4]);
  });

  it("are retried once, whoever asks twice; the audit log says who", async () => {
    const { w, campaign } = await failed("131000");
    await retry(w, campaign);
    expect(await retry(w, campaign)).toMatchObject({ retried: 0, reopened: false, status: "running" });
    expect(
      await w.rows("select actor, details from audit_log where subject_id = $1 and action = 'retry'", [
        campaign.id,
      ]),
    ).toEqual([{ actor: w.organization.profileId, details: { retried: 1, permanent: 0, unreachable: 0 } }]);
  });

  it("are none of those that can only fail again, or whom nobody may write to any more", async () => {
    const { w, campaign, jobs } = await failed("131026", "131050", "130497", "132000", "131000");
    await w.rows("update contacts set opted_out_at = adsapp_now() where id = $1", [jobs[4]?.contactId]);
    await w.rows("update contacts set opted_out_at = adsapp_now() where id = $1", [jobs[1]?.contactId]);
    expect(await ask(w, campaign.name)).toMatchObject({ failed: 5, permanent: 3 });
    expect(await retry(w, campaign)).toMatchObject({ retried: 1, permanent: 3, unreachable: 1 });
    expect((await w.jobs(campaign)).map(({ status }) => status)).toEqual([
      "sent",
      "failed",
      "failed",
      "failed",
      "pending",
      "failed",
    ]);
  });

  it("wait for a day after Meta withheld them", async () => {
    const { w, campaign, jobs } = await failed("131049");
    const before = await w.job(jobs[0] as { id: string });
    await retry(w, campaign);
    const { nextAttemptAt } = await w.job(jobs[0] as { id: string });
    expect((nextAttemptAt as Date).getTime() - (before.failedAt as Date).getTime()).toBe(86_400_000);
  });

  it("keep to messagesPerHour", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { failed: 20 }, perHour: 30 });
    await completeCampaigns(s.database, w.organization.id);
    expect(await retry(w, campaign)).toMatchObject({ retried: 20 });
    expect((await w.claim()).jobs).toHaveLength(1);
  });

  it.each(["draft", "scheduled", "cancelled"] as const)(
    "are refused in a campaign that is %s",
    async (status) => {
      const { w, campaign } = await failed("131000");
      await w.rows(
        "update bulk_campaigns set status = $2, scheduled_at = adsapp_now(), cancelled_at = adsapp_now() where id = $1",
        [campaign.id, status],
      );
      for (const refused of [() => ask(w, campaign.name), () => retry(w, campaign)])
        await expect(refused()).rejects.toMatchObject({ exitCode: 1 });
    },
  );

  it("are refused past sendBefore, to viewers, and to other organizations", async () => {
    const w = await s.world();
    const late = await w.broadcast({ states: { failed: 1 }, sendBefore: NOW });
    await expect(retry(w, late)).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringContaining("sendBefore"),
    });
    const viewer = operator(w.organization.viewerId) as Person;
    await expect(ask(w, late.name, viewer)).rejects.toMatchObject({ exitCode: 5 });
    await expect(ask(await s.world(), late.name)).rejects.toMatchObject({ exitCode: 4 });
    expect(await w.jobs(late)).toMatchObject([{ status: "failed" }]);
  });
});
