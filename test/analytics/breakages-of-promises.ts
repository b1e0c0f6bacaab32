import { expect } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import type { Transaction } from "../../src/db/database.ts";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { makeCampaign, makeContacts, makeJobs, makeRun } from "../support/factories.ts";
import { type Breakage, by, failing, jobIn, ledger, sendAgain, setConsent } from "./ledger.ts";

/** Promises that were not kept, of sending and of walls: the check, what is wrong, and how it came about. */
export const BREAKAGES_OF_PROMISES: readonly Breakage[] = [
  [
    "no_send_after_opt_out",
    "marketing that was dispatched more than 5 s after an opt-out",
    (tx) => setConsent(tx, "opted_out_at", jobIn("sent", ledger.jobs), "5.1 s"),
  ],
  [
    "no_send_after_opt_out",
    "any message that was dispatched more than 5 s after a block",
    (tx) => setConsent(tx, "blocked_at", jobIn("delivered", ledger.receipts), "5.1 s"),
  ],
  [
    "opt_outs_are_kept",
    "an opt-out that was lifted by no person",
    async (tx) => {
      await tx.run("update contacts set opted_out_at = adsapp_now() where id = $1", [
        jobIn("sent", ledger.jobs).contactId,
      ]);
      await tx.run("update contacts set opted_out_at = null where id = $1", [
        jobIn("sent", ledger.jobs).contactId,
      ]);
    },
  ],
  [
    "opt_outs_are_kept",
    "a contact whom Meta reports as opted out and who is not so here",
    (tx) =>
      by("update bulk_message_jobs set error_code = '131050' where id = $1", [
        jobIn("failed", ledger.jobs).id,
      ])(tx),
  ],
  [
    "pair_limit",
    "more messages to a person at once than Meta takes",
    async (tx) => {
      await tx.run(
        "update senders set provider = 'whatsapp-cloud', phone_number_id = '1', api_url = 'http://127.0.0.1:9', token_env = 'T'",
      );
      await by(
        `insert into messages (organization_id, direction, contact_id, sender_id, type, status, sent_at)
         select m.organization_id, 'outbound', m.contact_id, m.sender_id, 'text', 'sent', m.sent_at + interval '0.1 s' * n
           from messages m cross join generate_series(1, 50) as n where m.id = $1`,
        [jobIn("sent", ledger.jobs).messageId],
      )(tx);
    },
  ],
  [
    "throughput",
    "more messages of a number in a minute than it may send",
    async (tx) => {
      await tx.run(
        "update senders set provider = 'whatsapp-cloud', phone_number_id = '1', api_url = 'http://127.0.0.1:9', token_env = 'T', throughput_per_second = 1",
      );
      await tx.run("update audit_log set at = at - interval '1 month'");
      await by(
        `insert into messages (organization_id, direction, contact_id, sender_id, type, status, sent_at)
         select m.organization_id, 'outbound', c.id, m.sender_id, 'text', 'sent', m.sent_at + interval '0.09 s' * n
           from messages m cross join generate_series(1, 600) as n
          cross join lateral (select c.id from contacts c where c.organization_id = m.organization_id order by c.id offset n % 30 limit 1) c where m.id = $1`,
        [jobIn("sent", ledger.jobs).messageId],
      )(tx);
    },
  ],
  [
    "contacts_per_day",
    "a day with more first steps than a drip takes",
    async (tx) => {
      const drip = await makeDrip(tx, ledger.organization, { settings: { maxContactsPerDay: 1 } });
      await makeEnrollments(tx, drip, await makeContacts(tx, ledger.organization, 2));
      expect(failing(await audit(tx, null))).toEqual([]);
      await by(
        "update drip_message_logs set scheduled_for = scheduled_for - interval '1 day' where campaign_id = $1 and scheduled_for > adsapp_now() + interval '1 hour'",
        [drip.id],
      )(tx);
    },
  ],
  [
    "canary_first",
    "people beyond a canary of which nobody knows how it went",
    (tx) => by("update campaign_runs set canary = 1 where campaign_id = $1", [ledger.promotion.id])(tx),
  ],
  [
    "hourly_limit",
    "more attempts within 60 minutes than the campaign may make",
    (tx) => by("update campaign_runs set per_hour = 10 where campaign_id = $1", [ledger.promotion.id])(tx),
  ],
  [
    "messaging_limit",
    "more people within 24 hours than the portfolio may reach",
    async (tx) => {
      await limitPortfolio(tx, 3);
      await by("update portfolios set limit_since = adsapp_now() - interval '1 day'")(tx);
    },
  ],
  [
    "messaging_limit",
    "a count of people that is not what is counted",
    async (tx) => {
      await limitPortfolio(tx, 100);
      await by("update portfolios set reached = 7 where messaging_limit = 100")(tx);
    },
  ],
  [
    "frequency_cap",
    "a person who got more marketing than the organization wants",
    async (tx) => {
      await tx.run(
        `update organizations set settings = '{"frequencyCap": {"messages": 1, "days": 7}}' where id = $1`,
        [ledger.organization.id],
      );
      await tx.run("update organizations set frequency_cap_since = adsapp_now() - interval '1 day'");
      await makeJobs(
        tx,
        await makeRun(tx, await makeCampaign(tx, ledger.organization)),
        { sent: 1 },
        {
          contacts: [{ id: jobIn("sent", ledger.jobs).contactId }],
          ago: "30 minutes",
        },
      );
    },
  ],
  [
    "each_person_once",
    "a second message of the same attempt",
    (tx) => sendAgain(tx, jobIn("delivered", ledger.jobs), 1),
  ],
  [
    "each_person_once",
    "a second message where an unknown outcome should have been held",
    (tx) => sendAgain(tx, jobIn("delivered", ledger.receipts), 2),
  ],
  [
    "no_pending_behind_cursor",
    "pending rows that no claim will look at",
    (tx) =>
      by("update campaign_runs set next_seq = expanded_seq where campaign_id = $1", [ledger.receipt.id])(tx),
  ],
  [
    "dispatching_rows_have_a_window",
    "dispatching rows that no rescue will find",
    (tx) => by("delete from lane_windows")(tx),
  ],
  [
    "pending_messages_are_queued",
    "an answer that nothing will send",
    async (tx) => {
      await tx.run(
        `insert into messages (organization_id, direction, contact_id, type, body, status)
       select organization_id, 'outbound', contact_id, 'text', 'Hoi', 'pending' from bulk_message_jobs where id = $1`,
        [jobIn("delivered", ledger.jobs).id],
      );
      await by("delete from direct_queue")(tx);
    },
  ],
  [
    "finished_campaigns_have_no_open_rows",
    "a completed campaign with pending rows",
    (tx) => by("update bulk_campaigns set status = 'completed' where id = $1", [ledger.receipt.id])(tx),
  ],
  [
    "finished_campaigns_have_no_open_rows",
    "a campaign whose cancel never reached its rows",
    (tx) =>
      by(
        "update bulk_campaigns set status = 'cancelled', cancelled_at = adsapp_now() - interval '6 min' where id = $1",
        [ledger.receipt.id],
      )(tx),
  ],
  [
    "every_table_is_walled",
    "a table whose owner passes its policies",
    (tx) => tx.run("alter table contacts no force row level security"),
  ],
  [
    "every_table_is_walled",
    "a table that lost its policy for operators",
    (tx) => tx.run(`drop policy "Users can access contacts in their org" on contacts`),
  ],
  [
    "within_hours",
    "a message in quiet hours",
    async (tx) => {
      await tx.run("update contacts set updated_at = created_at - interval '1 day'");
      await by(
        `update campaign_runs set definition = jsonb_set(definition, '{settings,quietHours}',
           jsonb_build_array(to_char((adsapp_now() - interval '6 hours') at time zone 'Europe/Amsterdam', 'HH24:MI'),
                             to_char((adsapp_now() + interval '6 hours') at time zone 'Europe/Amsterdam', 'HH24:MI'))) where campaign_id = $1`,
        [ledger.receipt.id],
      )(tx);
    },
  ],
  [
    "within_hours",
    "a message on a day without business hours",
    async (tx) => {
      await tx.run("update contacts set updated_at = created_at - interval '1 day'");
      await tx.run(
        `update organizations set business_hours = jsonb_build_object(lower(to_char(adsapp_now() + interval '3 days', 'Dy')), '[["09:00", "10:00"]]'::jsonb)`,
      );
      await tx.run("delete from audit_log where subject_type = 'organizations'");
      await by(
        `update campaign_runs set definition = jsonb_set(definition, '{settings,respectBusinessHours}', 'true') where campaign_id = $1`,
        [ledger.receipt.id],
      )(tx);
    },
  ],
  [
    "no_answer_to_blocked",
    "an answer to somebody who is blocked",
    async (tx) => {
      const { contactId } = jobIn("pending", ledger.receipts);
      await tx.run("update contacts set blocked_at = adsapp_now() - interval '1 hour' where id = $1", [
        contactId,
      ]);
      await by(
        `insert into messages (organization_id, direction, contact_id, type, body, provider_message_id, status, sent_at)
         values ($1, 'outbound', $2, 'text', 'Hoi', 'wamid.blocked', 'sent', adsapp_now())`,
        [ledger.organization.id, contactId],
      )(tx);
    },
  ],
  [
    "every_table_is_walled",
    "a policy that lets operators past their organization",
    (tx) => tx.run("create policy everything on messages for select to adsapp_operator using (true)"),
  ],
  [
    "every_table_is_walled",
    "a new table without a wall",
    async (tx) => {
      await tx.run("create table secrets (organization_id uuid)");
      await tx.run("grant select on secrets to adsapp_worker");
      await tx.run("alter table secrets enable row level security, force row level security");
    },
  ],
];

/** The ledger's sender is one of Meta's, of a portfolio with that messaging limit. */
async function limitPortfolio(tx: Transaction, limit: number): Promise<void> {
  await tx.run("insert into portfolios (organization_id, name, messaging_limit) values ($1, 'small', $2)", [
    ledger.organization.id,
    limit,
  ]);
  await by(
    `update senders s set portfolio_id = p.id, provider = 'whatsapp-cloud', api_url = 'http://127.0.0.1:9', phone_number_id = '1', token_env = 'T'
       from portfolios p where s.organization_id = $1 and p.organization_id = $1`,
    [ledger.organization.id],
  )(tx);
}
