import { describe, expect, it } from "vitest";
import { pauseCampaign, resumeCampaign } from "../../src/campaigns/transitions.ts";
import { wakeCampaigns } from "../../src/campaigns/wake.ts";
import { operator } from "../../src/db/identity.ts";
import type { Person } from "../../src/jobs/resolve.ts";
import { retryable, retryFailed } from "../../src/jobs/retry.ts";
import { completeCampaigns } from "../../src/sending/rescue.ts";
import { minutesAfter, type World } from "../sending/setup.ts";
import { asAdmin, campaign, DAY, HOUR, runTick, s, started, usePlans } from "./plans.ts";

usePlans();

describe("a recurring campaign's messages that failed", () => {
  const scheduling = { type: "recurring", cron: "0 12 * * *", timezone: "Europe/Amsterdam" };
  const person = (w: World) => operator(w.organization.profileId) as Person;
  const retry = (w: World, id: string) => retryFailed(s.database, person(w), w.organization.id, id);
  const ask = (w: World, id: string) => asAdmin(w, (tx) => retryable(tx, w.organization.id, id));
  const tomorrow = minutesAfter(DAY + 2 * HOUR);

  /** After its first occurrence: one of two was sent, the other failed. */
  async function ranOnce(given: object = {}) {
    const w = await s.world();
    await w.contacts(2);
    const id = await started(w, { scheduling, ...given });
    s.at(minutesAfter(2 * HOUR));
    await runTick(w);
    const [, job] = await w.jobs({ id });
    await w.rows(
      "update messages set status = 'failed', failed_at = adsapp_now(), error_code = '131000' where bulk_message_job_id = $1",
      [job?.id],
    );
    return { w, id, jobId: job?.id as string };
  }

  it("are tried again between two occurrences; then it waits for the next one as before", async () => {
    const { w, id, jobId } = await ranOnce();
    expect(await campaign(w, id)).toMatchObject({ status: "scheduled", scheduledAt: tomorrow });
    expect(await ask(w, id)).toMatchObject({ failed: 1, permanent: 0 });
    expect(await retry(w, id)).toMatchObject({ status: "running", retried: 1, reopened: true });
    expect(await retry(w, id)).toMatchObject({ status: "running", retried: 0, reopened: false });
    s.at(minutesAfter(3 * HOUR));
    await runTick(w);
    expect(await w.job({ id: jobId })).toMatchObject({ status: "sent", attempts: 2 });
    expect(await w.jobs({ id })).toHaveLength(2);
    expect(await campaign(w, id)).toMatchObject({ status: "scheduled", scheduledAt: tomorrow });
    s.at(tomorrow);
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(4);
  });

  it("of an occurrence before the last one too, and the one that is due meanwhile waits for them", async () => {
    const { w, id, jobId } = await ranOnce();
    s.at(tomorrow);
    await runTick(w);
    s.at(minutesAfter(2 * DAY + HOUR));
    await retry(w, id);
    s.at(minutesAfter(2 * DAY + 2 * HOUR));
    await runTick(w);
    expect(await w.job({ id: jobId })).toMatchObject({ status: "sent" });
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(6);
  });

  it("after its last occurrence reopen it, and it ends again", async () => {
    const { w, id, jobId } = await ranOnce({ scheduling: { ...scheduling, endsAt: "2026-11-28T00:00" } });
    expect(await campaign(w, id)).toMatchObject({ status: "completed" });
    expect(await retry(w, id)).toMatchObject({ status: "running", retried: 1 });
    await runTick(w);
    expect(await w.job({ id: jobId })).toMatchObject({ status: "sent" });
    expect(await campaign(w, id)).toMatchObject({ status: "completed" });
  });

  it("while a person has paused it go out when it is resumed", async () => {
    const { w, id, jobId } = await ranOnce();
    await asAdmin(w, (tx) => pauseCampaign(tx, w.organization.id, id));
    expect(await retry(w, id)).toMatchObject({ status: "paused", retried: 1, reopened: false });
    await runTick(w);
    expect(await w.job({ id: jobId })).toMatchObject({ status: "pending" });
    await asAdmin(w, (tx) => resumeCampaign(tx, w.organization.id, id));
    await runTick(w);
    expect(await w.job({ id: jobId })).toMatchObject({ status: "sent" });
    expect(await campaign(w, id)).toMatchObject({ status: "scheduled", scheduledAt: tomorrow });
  });

  it("are none before its first occurrence", async () => {
    const w = await s.world();
    await w.contacts(1);
    const id = await started(w, { scheduling });
    await expect(ask(w, id)).rejects.toThrow('campaign "Sale" is scheduled: only one that');
  });

  it("and its next occurrence is not taken for done by a tick beside the one that begins it", async () => {
    const { w, id } = await ranOnce();
    s.at(tomorrow);
    await wakeCampaigns(s.database, w.organization.id);
    await completeCampaigns(s.database, w.organization.id);
    expect(await campaign(w, id)).toMatchObject({ status: "running" });
    await runTick(w);
    expect(await w.jobs({ id })).toHaveLength(4);
  });
});
