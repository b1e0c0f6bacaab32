// The SQL of reference/source-document.md, letter by letter. Only a placeholder in quotes became a parameter.
import { describe, expect, it } from "vitest";
import type { Transaction } from "../../src/db/database.ts";
import { type Identity, operator, owner, worker } from "../../src/db/identity.ts";
import { setup, useDatabase } from "../sql/drip-setup.ts";
import { logsOf, makeEnrollments } from "../support/drip-factories.ts";
import {
  makeCampaign,
  makeContacts,
  makeJobs,
  makeOrganization,
  makeRun,
  makeSender,
} from "../support/factories.ts";

const base = useDatabase();

const CREATE_DRIP = `
-- 1. Maak drip campagne aan
INSERT INTO drip_campaigns (organization_id, name, trigger_type, status)
VALUES ($1, 'Nieuwe Lead Opvolging', 'tag_added', 'active');
`;
const ADD_STEPS = `
-- 2. Voeg stappen toe
INSERT INTO drip_campaign_steps (campaign_id, step_order, delay_type, delay_value, message_content)
VALUES
  ($1, 1, 'minutes', 0, 'Welkom! Fijn dat je interesse hebt.'),
  ($1, 2, 'days', 2, 'Heb je nog vragen over onze diensten?'),
  ($1, 3, 'days', 5, 'Laatste kans: 10% korting deze week!');
`;
const ENROLL = `
-- 3. Enroll contact
INSERT INTO drip_enrollments (campaign_id, contact_id, enrolled_by)
VALUES ($1, $2, $3);
`;
const SCHEDULE_NEXT = `
-- Contact voltooit stap 1
SELECT schedule_next_drip_message($1);
-- → Plant stap 2 over 2 dagen
`;
const DUE = `
-- Vind alle berichten die nu verstuurd moeten worden
SELECT * FROM drip_enrollments
WHERE status = 'active'
  AND next_message_at <= NOW()
ORDER BY next_message_at;
-- → Gebruikt idx_drip_enrollments_next_message
`;
const LAST_30_DAYS = `
-- Haal stats op voor laatste 30 dagen
SELECT * FROM campaign_analytics
WHERE organization_id = $1
  AND date >= CURRENT_DATE - INTERVAL '30 days'
ORDER BY date DESC;
-- → Gebruikt idx_campaign_analytics_org_date
`;
const POLICY = `
-- Voorbeeld: Gebruiker kan alleen campagnes van eigen organisatie zien
CREATE POLICY "Users can access bulk campaigns in their org"
ON bulk_campaigns
FOR ALL USING (
  organization_id IN (
    SELECT organization_id FROM profiles WHERE id = auth.uid()
  )
);
`;
const TOP_CAMPAIGNS = `
-- Top performing campaigns (laatste 30 dagen)
SELECT
  bc.name,
  ca.messages_sent,
  ca.delivery_rate,
  ca.reply_rate
FROM campaign_analytics ca
JOIN bulk_campaigns bc ON bc.id = ca.campaign_id
WHERE ca.organization_id = $1
  AND ca.date >= CURRENT_DATE - 30
  AND ca.campaign_type = 'bulk'
ORDER BY ca.reply_rate DESC
LIMIT 10;
`;
const AGENTS = `
-- Agent performance (deze week)
SELECT
  p.full_name,
  SUM(apm.conversations_handled) as total_convos,
  AVG(apm.avg_first_response_time) as avg_response,
  AVG(apm.customer_satisfaction_score) as csat
FROM agent_performance_metrics apm
JOIN profiles p ON p.id = apm.agent_id
WHERE apm.organization_id = $1
  AND apm.date >= date_trunc('week', CURRENT_DATE)
GROUP BY p.id, p.full_name
ORDER BY total_convos DESC;
`;

const as = <T>(identity: Identity, work: (tx: Transaction) => Promise<T>) =>
  base.database.transaction(identity, work);

/** Each role that the document's statements run as, for an organization. */
const ROLES: [name: string, of: (organization: { profileId: string }) => Identity][] = [
  ["the owner", () => owner],
  ["the worker", () => worker],
  ["an operator", ({ profileId }) => operator(profileId)],
];

describe.each(ROLES)("as %s", (_name, identityOf) => {
  it("a drip is set up in three statements, and the first message is planned by itself", async () => {
    const organization = await makeOrganization(base.database);
    const [contact] = await makeContacts(base.database, organization, 1);
    const identity = identityOf(organization);
    await as(identity, (tx) => tx.run(CREATE_DRIP, [organization.id]));
    const drip = await as(identity, (tx) =>
      tx.one<{ id: string }>("select id from drip_campaigns where organization_id = $1", [organization.id]),
    );
    const id = drip?.id as string;
    expect(await as(identity, (tx) => tx.run(ADD_STEPS, [id]))).toBe(3);
    expect(await as(identity, (tx) => tx.run(ENROLL, [id, contact?.id, organization.profileId]))).toBe(1);
    const [log] = await logsOf(base.database, { id });
    expect(log).toMatchObject({ stepOrder: 1, status: "pending" });
    expect(Math.abs((log?.scheduledFor.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);

    await as(identity, (tx) => tx.run(SCHEDULE_NEXT, [log?.enrollmentId]));
    const [first, second] = await logsOf(base.database, { id });
    expect([first?.status, second?.status, second?.stepOrder]).toEqual(["sent", "pending", 2]);
    const days = ((second?.scheduledFor.getTime() ?? 0) - (first?.sentAt?.getTime() ?? 0)) / 86_400_000;
    expect(Math.abs(days - 2)).toBeLessThanOrEqual(1 / 24); // the same local time, over a change of clocks too
  });

  it("the scheduler's query finds who is due, in the order of time", async () => {
    const { organization, people } = await setup(base, { people: 3 });
    await as(worker, (tx) =>
      tx.run(
        "update drip_enrollments e set next_message_at = now() - make_interval(hours => v.n::int) from unnest($1::uuid[]) with ordinality v(id, n) where e.id = v.id",
        [people.slice(0, 2).map(({ id }) => id)],
      ),
    );
    await as(worker, (tx) =>
      tx.run("update drip_enrollments set next_message_at = now() + interval '1 hour' where id = $1", [
        people[2]?.id,
      ]),
    );
    const due = await as(identityOf(organization), (tx) => tx.query<{ id: string }>(DUE));
    const mine = due.map(({ id }) => id).filter((id) => people.some((person) => person.id === id));
    expect(mine).toEqual([people[1]?.id, people[0]?.id]);
  });

  it("both analytics queries answer with the organization's numbers", async () => {
    const organization = await makeOrganization(base.database);
    await makeSender(base.database, organization);
    const run = await makeRun(
      base.database,
      await makeCampaign(base.database, organization, { name: "Zomer" }),
    );
    await makeJobs(base.database, run, { sent: 1, read: 3 });
    await as(worker, (tx) =>
      tx.run(
        `insert into agent_performance_metrics (organization_id, agent_id, date, conversations_handled, avg_first_response_time, customer_satisfaction_score)
         values ($1, $2, current_date, 4, 90, 4.5)`,
        [organization.id, organization.profileId],
      ),
    );
    const identity = identityOf(organization);
    const top = await as(identity, (tx) => tx.query(TOP_CAMPAIGNS, [organization.id]));
    expect(top).toEqual([{ name: "Zomer", messagesSent: 4, deliveryRate: 75, replyRate: 0 }]);
    const agents = await as(identity, (tx) => tx.query(AGENTS, [organization.id]));
    expect(agents).toEqual([{ fullName: "Command line", totalConvos: 4, avgResponse: 90, csat: 4.5 }]);
    expect((await as(identity, (tx) => tx.query(LAST_30_DAYS, [organization.id]))).length).toBe(1);
  });
});

async function planOf(tx: Transaction, sql: string, parameters: unknown[] = []): Promise<string> {
  const rows = await tx.query<Record<string, string>>(
    `explain (costs off) ${sql.replace(/--.*\n/g, "\n")}`,
    parameters,
  );
  return rows.map((row) => Object.values(row)[0]).join("\n");
}

describe("the indexes that the document names are used", () => {
  it("idx_drip_enrollments_next_message, among thousands who are not due", async () => {
    const { organization, drip } = await setup(base, { people: 0, drip: { steps: [{ days: 3 }] } });
    await makeEnrollments(base.database, drip, await makeContacts(base.database, organization, 2_000));
    await as(owner, (tx) => tx.run("analyze drip_enrollments"));
    for (const identity of [worker, owner])
      expect(await as(identity, (tx) => planOf(tx, DUE))).toMatch(/idx_drip_enrollments_next_message/);
  });

  it("idx_campaign_analytics_org_date, among years of days", async () => {
    const { organization, drip } = await setup(base, { people: 0 });
    const tenants = [{ organization, drip }];
    for (let n = 0; n < 9; n++) tenants.push(await setup(base, { people: 0 }));
    await as(worker, (tx) =>
      tx.run(
        `insert into campaign_analytics (organization_id, campaign_id, campaign_type, date)
         select t.organization_id, t.drip_id, 'drip', current_date - n
           from unnest($1::uuid[], $2::uuid[]) t(organization_id, drip_id) cross join generate_series(0, 2000) n`,
        [tenants.map((tenant) => tenant.organization.id), tenants.map((tenant) => tenant.drip.id)],
      ),
    );
    await as(owner, (tx) => tx.run("analyze campaign_analytics"));
    for (const identity of [worker, operator(organization.profileId)])
      expect(await as(identity, (tx) => planOf(tx, LAST_30_DAYS, [organization.id]))).toMatch(
        /idx_campaign_analytics_org_date/,
      );
  });
});

it("the document's policy, made as written after ours of its name, keeps tenants apart", async () => {
  const [mine, theirs] = [await makeOrganization(base.database), await makeOrganization(base.database)];
  for (const organization of [mine, theirs])
    await makeCampaign(base.database, organization, { status: "draft" });
  await as(owner, async (tx) => {
    await tx.run('drop policy "Users can access bulk campaigns in their org" on bulk_campaigns');
    await tx.client.query(POLICY);
  });
  const me = operator(mine.profileId);
  const seen = await as(me, (tx) => tx.query("select distinct organization_id from bulk_campaigns"));
  expect(seen).toEqual([{ organizationId: mine.id }]);
  expect(await as(me, (tx) => tx.run("update bulk_campaigns set name = name || '!'"))).toBe(1);
  expect(
    await as(me, (tx) => tx.run("delete from bulk_campaigns where organization_id = $1", [theirs.id])),
  ).toBe(0);
  const insert = as(me, (tx) =>
    tx.run("insert into bulk_campaigns (organization_id, name, message) values ($1, 'Van ons', '{}')", [
      theirs.id,
    ]),
  );
  await expect(insert).rejects.toMatchObject({ code: "42501" });
  const viewer = as(operator(mine.viewerId), (tx) => tx.run("update bulk_campaigns set name = 'x'"));
  expect(await viewer).toBe(0);
});
