import { getCountries, getCountryCallingCode, getExampleNumber } from "libphonenumber-js";
import examples from "libphonenumber-js/mobile/examples";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database, type Transaction } from "../../src/db/database.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip, makeEnrollments, settleSteps, type TestDrip } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
  makeTemplate,
  type TestOrganization,
} from "../support/factories.ts";

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let organization: TestOrganization;
let template: { id: string };
let drip: TestDrip;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = new Database({ url: testDatabase.url });
  organization = await makeOrganization(database);
  await makeSender(database, organization);
  template = await makeTemplate(database, organization);
  drip = await makeDrip(database, organization, {
    steps: [
      { templateId: template.id },
      { message: { type: "template", template: "black_friday", language: "nl" } },
    ],
  });
  const enrollments = await makeEnrollments(database, drip, await makeContacts(database, organization, 3));
  await settleSteps(database, enrollments, "delivered");
  await settleSteps(database, enrollments.slice(0, 2), "failed");
});

afterAll(async () => {
  await database.close();
  await testDatabase.drop();
});

const asWorker = <T>(work: (tx: Transaction) => Promise<T>) => database.transaction(worker, work);

const usageBy = (campaignType: string) =>
  asWorker((tx) =>
    tx.query(
      `select sum(messages_sent) as sent, sum(messages_delivered) as delivered, sum(messages_failed) as failed
         from template_usage_analytics where template_id = $1 and campaign_type = $2`,
      [template.id, campaignType],
    ),
  );

describe("the use of a template", () => {
  it("counts a drip's steps that name it by key, and by name and language", async () => {
    expect(await usageBy("drip")).toEqual([{ sent: 3, delivered: 3, failed: 2 }]);
  });

  it("counts a broadcast's messages by what its run has frozen, and none of a run without one", async () => {
    const run = await makeRun(database, await makeCampaign(database, organization));
    await asWorker((tx) =>
      tx.run(
        `update campaign_runs set definition = definition || '{"template": {"name": "black_friday", "language": "nl"}}' where campaign_id = $1`,
        [run.campaignId],
      ),
    );
    await makeJobs(database, run, { read: 2, sent: 1, failed: 1, pending: 4 });
    await makeJobs(database, await makeRun(database, await makeCampaign(database, organization)), {
      sent: 5,
    });
    expect(await usageBy("bulk")).toEqual([{ sent: 3, delivered: 2, failed: 1 }]);
  });

  it("keeps a template that was used: operators cannot delete it", async () => {
    const unused = await makeTemplate(database, organization, { name: "unused" });
    const removed = (id: string) =>
      database.transaction(operator(organization.profileId), (tx) =>
        tx.run("delete from message_templates where id = $1", [id]),
      );
    expect(await removed(template.id)).toBe(0);
    expect(await removed(unused.id)).toBe(1);
  });

  it("is not rewritten: a step of which messages went out keeps its template", async () => {
    const other = await makeTemplate(database, organization, { name: "other" });
    const change = () =>
      asWorker((tx) =>
        tx.run("update drip_campaign_steps set template_id = $2 where id = $1", [drip.stepIds[0], other.id]),
      );
    await expect(change()).rejects.toThrow("messages of step 1 went out with its template");
  });
});

describe("the funnel of a drip", () => {
  it("counts each step by the local day of its messages", async () => {
    const rows = await asWorker((tx) =>
      tx.query(
        `select s.step_order as step, a.messages_sent as sent, a.messages_delivered as delivered, a.messages_failed as failed
           from drip_step_analytics a join drip_campaign_steps s on s.id = a.step_id order by 1`,
      ),
    );
    expect(rows).toEqual([
      { step: 1, sent: 3, delivered: 3, failed: 0 },
      { step: 2, sent: 0, delivered: 0, failed: 2 },
    ]);
  });
});

describe("prices", () => {
  it("count once a message, whoever writes, by the phone as it was", async () => {
    const run = await makeRun(database, await makeCampaign(database, organization));
    await makeJobs(database, run, { delivered: 2 });
    const priced = (category: string) =>
      asWorker((tx) =>
        tx.run(
          `update messages m set pricing = jsonb_build_object('category', $2::text, 'type', 'regular') from bulk_message_jobs j
            where j.campaign_id = $1 and m.bulk_message_job_id = j.id and m.pricing is null`,
          [run.campaignId, category],
        ),
      );
    await priced("marketing");
    await priced("utility");
    await asWorker((tx) =>
      tx.run(
        "update contacts set phone = '+4915112345678' where id = (select contact_id from bulk_message_jobs where campaign_id = $1 limit 1)",
        [run.campaignId],
      ),
    );
    const prices = await asWorker((tx) =>
      tx.query(
        "select calling_code, category, pricing_type as type, messages from message_pricing_analytics where campaign_id = $1",
        [run.campaignId],
      ),
    );
    expect(prices).toEqual([{ callingCode: "31", category: "marketing", type: "regular", messages: 2 }]);
  });

  it("know the calling code of every country's numbers", async () => {
    const countries = getCountries().flatMap((country) => getExampleNumber(country, examples) ?? []);
    expect(countries.length).toBeGreaterThan(200);
    const codes = await asWorker((tx) =>
      tx.query<{ code: string }>(
        "select adsapp_calling_code(p) as code from unnest($1::text[]) with ordinality as u(p, n) order by n",
        [countries.map(({ number }) => number)],
      ),
    );
    expect(codes.map(({ code }) => code)).toEqual(
      countries.map(({ country }) => getCountryCallingCode(country as "NL")),
    );
  });
});
