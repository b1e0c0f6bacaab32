import { Database } from "../../src/db/database.ts";
import { createTestDatabase } from "../support/database.ts";
import { makeDrip, makeEnrollments, settleSteps } from "../support/drip-factories.ts";
import {
  inPlace,
  makeCampaign,
  makeContacts,
  makeOrganization,
  makeSender,
  makeTemplate,
  type TestOrganization,
} from "../support/factories.ts";

/** What somebody might call a campaign who means ill, or a bakery. */
export const HOSTILE = `<script>alert(1)</script> & "Co" 'x' \u202e</svg>`;
export const NOW = new Date("2026-11-27T12:00:00Z");

export interface Month {
  database: Database;
  url: string;
  organization: TestOrganization;
  /** has nothing at all */
  empty: TestOrganization;
  end(): Promise<void>;
}

/** An organization with 30 days of numbers in every aggregate, made up, and a drip whose people are real rows. */
export async function makeMonth(): Promise<Month> {
  const testDatabase = await createTestDatabase();
  const database = new Database({ url: testDatabase.url });
  const organization = await makeOrganization(database, { slug: "jansen", name: "Bakkerij Jansen" });
  await makeSender(database, organization);
  const empty = await makeOrganization(database, { slug: "leeg", name: "Leeg" });
  const names = ["Black Friday Sale", "Sinterklaas 2026", "Openingstijden feestdagen", HOSTILE];
  for (const [n, name] of names.entries()) {
    const { id } = await makeCampaign(database, organization, { name, status: "completed" });
    await makeDays(database, id, organization.id, 420 - n * 90, n);
    await makeFailures(database, id, organization.id, [
      ["131026", 40 - 9 * n],
      ["131049", 12 * n],
      ["132001", n === 3 ? 5 : 0],
      ["unsent", n === 1 ? 2 : 0],
    ]);
  }
  await makeDripWithPeople(database, organization);
  await makeAgents(database, organization);
  for (const [name, perDay] of [
    ["black_friday", 300],
    ["sinterklaas", 120],
  ] as const) {
    const template = await makeTemplate(database, organization, { name });
    await inPlace(database, (tx) =>
      tx.run(
        `insert into template_usage_analytics (organization_id, template_id, date, messages_sent, messages_delivered, messages_read, replies_received)
         select $1, $2, d::date, $3, $3 - 4, $3 / 2, $3 / 20 from generate_series(date '2026-11-01', date '2026-11-27', interval '3 days') d`,
        [organization.id, template.id, perDay],
      ),
    );
  }
  const end = async () => {
    await database.close();
    await testDatabase.drop();
  };
  return { database, url: testDatabase.url, organization, empty, end };
}

/** Two days a week, waves of other heights. */
async function makeDays(
  database: Database,
  id: string,
  organizationId: string,
  most: number,
  offset: number,
): Promise<void> {
  await inPlace(database, (tx) =>
    tx.run(
      `insert into campaign_analytics (organization_id, campaign_id, campaign_type, date, messages_sent, messages_delivered, messages_read,
                                       messages_failed, replies_received, opt_outs)
       select $4, $1, 'bulk', d::date, s.n, s.n * (97 - $3::integer) / 100, s.n * (71 - 6 * $3::integer) / 100, s.n * 2 / 100, s.n * (9 + $3::integer) / 100, s.n / 200
         from generate_series(date '2026-10-29' + $3::integer, date '2026-11-27', interval '3 days') d
        cross join lateral (select ($2::integer * (0.35 + 0.65 * abs(sin(extract(day from d)::integer * 1.7))))::integer as n) s`,
      [id, most, offset, organizationId],
    ),
  );
}

async function makeFailures(
  database: Database,
  id: string,
  organizationId: string,
  codes: [string, number][],
): Promise<void> {
  await inPlace(database, (tx) =>
    tx.run(
      `insert into failure_analytics (organization_id, campaign_id, campaign_type, date, error_code, failures)
       select $1, $2, 'bulk', '2026-11-20', c.code, c.n from unnest($3::text[], $4::integer[]) c(code, n)`,
      [organizationId, id, codes.map(([code]) => code), codes.map(([, n]) => n)],
    ),
  );
}

async function makeDripWithPeople(database: Database, organization: TestOrganization): Promise<void> {
  const steps = [
    { minutes: 0, text: "Welkom bij Bakkerij Jansen!" },
    { days: 2, text: "Heb je nog vragen?" },
    { days: 5, text: "Laatste kans: 10 % korting" },
  ];
  const drip = await makeDrip(database, organization, { name: "Nieuwe Lead Opvolging", steps });
  const people = await makeEnrollments(database, drip, await makeContacts(database, organization, 60), {
    enrolledAt: new Date("2026-11-10T09:00:00Z"),
  });
  const at = new Date("2026-11-12T10:00:00Z");
  await settleSteps(database, people.slice(0, 40), "read", { at });
  await settleSteps(database, people.slice(40, 55), "delivered", { at });
  await settleSteps(database, people.slice(55), "failed", { at });
  await settleSteps(database, people.slice(0, 30), "read", { at });
  await settleSteps(database, people.slice(30, 40), "sent", { at });
  await settleSteps(database, people.slice(0, 12), "delivered", { at });
  await inPlace(database, (tx) =>
    tx.run(
      `update drip_message_logs set replied_at = $2 where step_order = 1 and enrollment_id = any ($1::uuid[])`,
      [people.slice(0, 9).map(({ id }) => id), at],
    ),
  );
}

async function makeAgents(database: Database, { id }: TestOrganization): Promise<void> {
  await inPlace(database, async (tx) => {
    for (const [n, name] of ["Fatima el Amrani", "Pieter de Vries", "Sanne Bakker"].entries()) {
      const agent = await tx.one<{ id: string }>(
        "insert into profiles (organization_id, full_name, email, role) values ($1, $2, $3, 'agent') returning id",
        [id, name, `agent${n}@jansen.example`],
      );
      await tx.run(
        `insert into agent_performance_metrics (organization_id, agent_id, date, conversations_handled, messages_sent, avg_first_response_time,
                                                avg_response_time, avg_resolution_time, online_time, customer_satisfaction_score)
         select $1, $2, d::date, 12 - 3 * $3::integer, 40, 95.5 + 60 * $3, 80, 3600, 21600, case when $3 < 2 then 4.5 - $3 * 0.3 end
           from generate_series(date '2026-11-16', date '2026-11-27', interval '1 day') d`,
        [id, agent?.id, n],
      );
    }
    await tx.run(
      `insert into channel_sources (organization_id, type, name, code, daily_counts)
       values ($1, 'qr_code', 'Toonbank', 'A7K2', '{"2026-11-20": 12, "2026-11-21": 9, "2026-09-01": 99}'), ($1, 'campaign', 'Campaigns', null, '{"2026-11-20": 48}'),
              ($1, 'web_widget', 'Website', 'WEB1', '{"2026-11-26": 17}')`,
      [id],
    );
  });
}
