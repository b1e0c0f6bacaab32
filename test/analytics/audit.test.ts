import { describe, expect, it } from "vitest";
import { audit, CHECKS } from "../../src/analytics/audit.ts";
import type { Transaction } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { makeOrganization, type TestJob } from "../support/factories.ts";
import { auditAfter, by, failing, jobIn, ledger, sendAgain, setConsent, useLedger } from "./ledger.ts";

useLedger();

describe("the audit", () => {
  it("passes every check where nothing is wrong, for one organization and for all", async () => {
    const all = await ledger.database.transaction(worker, (tx) => audit(tx, null));
    expect(failing(all)).toEqual([]);
    expect(all).toMatchObject({ ok: true, sentAgain: 0 });
    expect(all.checks.map(({ name }) => name)).toEqual([...CHECKS]);
    const one = await ledger.database.transaction(worker, (tx) => audit(tx, ledger.organization.id));
    expect(failing(one)).toEqual([]);
  });

  it("passes on an empty organization", async () => {
    const empty = await makeOrganization(ledger.database);
    expect((await ledger.database.transaction(worker, (tx) => audit(tx, empty.id))).ok).toBe(true);
  });

  it("looks only at the organization that is asked about", async () => {
    const meddle = by("update bulk_campaigns set messages_read = messages_read + 1 where id = $1", [
      ledger.promotion.id,
    ]);
    expect((await auditAfter(ledger.database, meddle, ledger.other.id)).ok).toBe(true);
    expect(failing(await auditAfter(ledger.database, meddle, ledger.organization.id))).toEqual([
      ["counters_equal_rows", 1],
    ]);
  });

  it("gives ten examples at most and counts them all", async () => {
    const result = await auditAfter(ledger.database, async (tx) => {
      await tx.run("alter table bulk_message_jobs drop constraint attempts_within_bounds");
      await tx.run(
        "update bulk_message_jobs set attempts = 9 where campaign_id = $1 and status <> 'dispatching'",
        [ledger.promotion.id],
      );
    });
    const check = result.checks.find(({ name }) => name === "attempts_within_bounds");
    expect(check).toMatchObject({ ok: false, violations: 22 });
    expect(check?.examples).toHaveLength(10);
    expect(check?.examples[0]).toMatch(/9 of 3 attempts/);
  });
});

describe("the audit lets pass", () => {
  it("a message that was dispatched within 5 s of an opt-out, and a receipt after an opt-out of marketing", async () => {
    expect(
      failing(
        await auditAfter(ledger.database, (tx) =>
          setConsent(tx, "opted_out_at", jobIn("sent", ledger.jobs), "4.9 s"),
        ),
      ),
    ).toEqual([]);
    expect(
      failing(
        await auditAfter(ledger.database, (tx) =>
          setConsent(tx, "opted_out_at", jobIn("delivered", ledger.receipts), "1 day"),
        ),
      ),
    ).toEqual([]);
  });

  it("a message that was sent again after an unknown outcome, and says how many", async () => {
    const result = await auditAfter(ledger.database, (tx) =>
      sendAgain(tx, jobIn("delivered", ledger.jobs), 2),
    );
    expect(failing(result)).toEqual([]);
    expect(result.sentAgain).toBe(1);
  });

  it("an opt-out that a person lifts", async () => {
    const { contactId } = jobIn("sent", ledger.jobs);
    await ledger.database.transaction(worker, (tx) =>
      tx.run("update contacts set opted_out_at = adsapp_now() where id = $1", [contactId]),
    );
    await ledger.database.transaction(operator(ledger.organization.profileId), (tx) =>
      tx.run("update contacts set opted_out_at = null, opted_in_at = adsapp_now() where id = $1", [
        contactId,
      ]),
    );
    expect((await ledger.database.transaction(worker, (tx) => audit(tx, null))).ok).toBe(true);
  });

  it("open rows of a campaign that was cancelled a moment ago: the next tick closes them", async () => {
    const meddle = by(
      "update bulk_campaigns set status = 'cancelled', cancelled_at = adsapp_now() where id = $1",
      [ledger.promotion.id],
    );
    expect(failing(await auditAfter(ledger.database, meddle))).toEqual([]);
  });

  it("tables that are not ours", async () => {
    expect(
      (await auditAfter(ledger.database, (tx) => tx.run("create table customers_own (organization_id uuid)")))
        .ok,
    ).toBe(true);
  });
});

describe("the hourly limit of the audit", () => {
  const at = (seconds: string[]) => async (tx: Transaction) => {
    await tx.run("update campaign_runs set per_hour = 2 where campaign_id = $1", [ledger.receipt.id]);
    await tx.run(
      `update bulk_message_jobs j set dispatched_at = timestamptz '2026-11-27T10:00:00Z' + t.after::interval
         from unnest($1::uuid[], $2::text[]) as t(id, after) where j.id = t.id`,
      [ledger.receipts.slice(0, seconds.length).map((job) => job.id), seconds],
    );
  };

  it("holds in a window that ends just short of 60 minutes", async () => {
    expect(failing(await auditAfter(ledger.database, at(["0 s", "30 min", "3599.999999 s"])))).toEqual([
      ["hourly_limit", 1],
    ]);
  });

  it("lets the attempt of exactly 60 minutes later be in the next window", async () => {
    expect(failing(await auditAfter(ledger.database, at(["0 s", "30 min", "3600 s"])))).toEqual([]);
  });

  it("counts attempts of one claim, which have the same time, one by one", async () => {
    expect(failing(await auditAfter(ledger.database, at(["0 s", "0 s", "0 s"])))).toEqual([
      ["hourly_limit", 1],
    ]);
  });

  it("counts an accepted attempt that a later one has replaced", async () => {
    const twice = async (tx: Transaction) => {
      await at(["0 s", "10 h", "20 h"])(tx);
      await tx.run("update campaign_runs set per_hour = 1 where campaign_id = $1", [ledger.receipt.id]);
      const job = ledger.receipts[0] as TestJob;
      await tx.run("update messages set sent_at = timestamptz '2026-11-27T10:00:00Z' where id = $1", [
        job.messageId,
      ]);
      await tx.run(
        "update bulk_message_jobs set attempts = 2, dispatched_at = timestamptz '2026-11-27T10:20:00Z' where id = $1",
        [job.id],
      );
    };
    expect(failing(await auditAfter(ledger.database, twice))).toEqual([["hourly_limit", 1]]);
  });
});
