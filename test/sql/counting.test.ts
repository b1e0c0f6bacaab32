import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { owner, worker } from "../../src/db/identity.ts";
import { makeCampaign, makeJobs, makeOrganization, makeRun, makeSender } from "../support/factories.ts";
import {
  type Counted,
  countersOf,
  daysOf,
  makeCounted,
  NOTHING,
  SAY,
  type Said,
  said,
  sayParameters,
  statisticsOf,
} from "./counted.ts";

let s: Counted;

beforeAll(async () => {
  s = await makeCounted();
});

afterAll(() => s.end());

class RolledBack extends Error {}

describe("counters", () => {
  const batches = fc.array(
    fc.dictionary(fc.nat({ max: 35 }).map(String), said, { minKeys: 1, maxKeys: 20 }),
    { minLength: 1, maxLength: 6 },
  );

  it("say what the rows say, after any statements over any rows of any campaigns", async () => {
    const ids = s.campaigns.flatMap(({ jobs }) => jobs.map(({ id }) => id));
    await fc.assert(
      fc.asyncProperty(batches, async (given) => {
        const model = new Map(ids.map((id) => [id, NOTHING]));
        const run = s.database.transaction(worker, async (tx) => {
          for (const batch of given) {
            const rows = new Map(Object.entries(batch).map(([i, row]) => [ids[Number(i)] as string, row]));
            for (const [id, row] of rows) model.set(id, row);
            await tx.run(SAY, sayParameters(rows));
          }
          for (const { run, jobs } of s.campaigns) {
            const rows = jobs.map(({ id }) => model.get(id) as Said);
            expect(await countersOf(tx, run.campaignId)).toEqual({
              statistics: statisticsOf(rows),
              days: daysOf(rows),
            });
          }
          throw new RolledBack();
        });
        await expect(run).rejects.toThrow(RolledBack);
      }),
      { numRuns: 60 },
    );
  });

  it("count rows as they are made: thousands in one statement, of two campaigns, in every state", async () => {
    const run = s.database.transaction(worker, async (tx) => {
      const [first, second] = s.campaigns as [(typeof s.campaigns)[0], (typeof s.campaigns)[0]];
      const made = { sent: 1000, delivered: 500, read: 250, failed: 100, skipped: 150 };
      await makeJobs(tx, first.run, made);
      const before = await countersOf(tx, first.run.campaignId);
      expect(before.statistics).toMatchObject({
        totalTargets: 2012,
        messagesSent: 1750,
        messagesDelivered: 750,
        messagesRead: 250,
        messagesFailed: 100,
        messagesSkipped: 150,
      });
      await tx.run(
        `insert into bulk_message_jobs (organization_id, campaign_id, seq, contact_id, status, skip_reason)
         select c.organization_id, r.id, 10000 + n, c.id, case when n % 2 = 0 then 'skipped' else 'pending' end, case when n % 2 = 0 then 'no_address' end
           from (select id, organization_id, row_number() over () as n from contacts limit 2012) c cross join unnest($1::uuid[]) r(id)
         on conflict (campaign_id, occurrence, contact_id, organization_id) do nothing`,
        [[first.run.campaignId, second.run.campaignId]],
      );
      expect((await countersOf(tx, second.run.campaignId)).statistics).toMatchObject({
        totalTargets: 2012,
        messagesSkipped: 1000,
      });
      expect((await countersOf(tx, first.run.campaignId)).statistics).toEqual(before.statistics);
      throw new RolledBack();
    });
    await expect(run).rejects.toThrow(RolledBack);
  });

  it("do not move, nor does a day appear, where a statement changes nothing that counts", async () => {
    const run = s.database.transaction(worker, async (tx) => {
      const id = s.campaigns[0]?.run.campaignId as string;
      const version = () => tx.one("select xmin::text, ctid::text from bulk_campaigns where id = $1", [id]);
      const before = await version();
      await tx.run("update bulk_message_jobs set waits = waits + 1 where campaign_id = $1", [id]);
      await tx.run("update bulk_message_jobs set waits = waits + 1 where false");
      expect(await version()).toEqual(before);
      expect((await countersOf(tx, id)).days).toEqual([]);
      throw new RolledBack();
    });
    await expect(run).rejects.toThrow(RolledBack);
  });

  it("go with their campaign", async () => {
    const organization = await makeOrganization(s.database);
    await makeSender(s.database, organization);
    const { campaignId } = await makeRun(s.database, await makeCampaign(s.database, organization));
    await makeJobs(s.database, { campaignId, organizationId: organization.id }, { read: 2 });
    await s.database.transaction(owner, (tx) =>
      tx.run("delete from bulk_campaigns where id = $1", [campaignId]),
    );
    await s.database.transaction(worker, async (tx) => {
      const left = await tx.query("select from campaign_analytics where campaign_id = $1", [campaignId]);
      expect(left).toEqual([]);
    });
  });
});
