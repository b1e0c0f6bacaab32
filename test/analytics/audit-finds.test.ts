import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { audit, CHECKS } from "../../src/analytics/audit.ts";
import type { Transaction } from "../../src/db/database.ts";
import { packageRoot } from "../../src/root.ts";
import { makeDrip } from "../support/drip-factories.ts";
import { makeCampaign, makeJobs, makeRun, makeSender, makeTemplate } from "../support/factories.ts";
import {
  auditAfter,
  by,
  failing,
  jobIn,
  type Ledger,
  type Meddle,
  makeLedger,
  pastTriggers,
  sendAgain,
  setConsent,
} from "./ledger.ts";

let ledger: Ledger;

beforeAll(async () => {
  ledger = await makeLedger();
});

afterAll(() => ledger.close());

/** The check, what is wrong, and how it came about. */
const BREAKAGES: [(typeof CHECKS)[number], string, Meddle][] = [
  [
    "ledger_balances",
    "a target that has no row",
    (tx) =>
      by("update bulk_campaigns set total_targets = total_targets + 1 where id = $1", [ledger.promotion.id])(
        tx,
      ),
  ],
  [
    "ledger_balances",
    "a row of a run that does not know it",
    (tx) =>
      by("update campaign_runs set expanded_seq = expanded_seq + 1 where campaign_id = $1", [
        ledger.promotion.id,
      ])(tx),
  ],
  [
    "ledger_balances",
    "a gap in the numbers of a run",
    (tx) =>
      by("update bulk_message_jobs set seq = 1000 where id = $1", [jobIn("skipped", ledger.jobs).id])(tx),
  ],
  [
    "ledger_balances",
    "a row in a state that nobody knows",
    async (tx) => {
      await tx.run("alter table bulk_message_jobs drop constraint status_is_known");
      await by("update bulk_message_jobs set status = 'lost' where id = $1", [
        jobIn("cancelled", ledger.jobs).id,
      ])(tx);
    },
  ],
  [
    "counters_equal_rows",
    "a counter that was written by hand",
    (tx) =>
      by("update bulk_campaigns set messages_sent = messages_sent - 1 where id = $1", [ledger.promotion.id])(
        tx,
      ),
  ],
  [
    "analytics_equal_rows",
    "a day that differs",
    (tx) =>
      by("update campaign_analytics set messages_delivered = messages_delivered + 1 where campaign_id = $1", [
        ledger.promotion.id,
      ])(tx),
  ],
  [
    "analytics_equal_rows",
    "a day that is missing",
    (tx) => by("delete from campaign_analytics where campaign_id = $1", [ledger.receipt.id])(tx),
  ],
  [
    "analytics_equal_rows",
    "a day too many",
    (tx) =>
      by(
        "insert into campaign_analytics (organization_id, campaign_id, campaign_type, date, messages_sent) values ($1, $2, 'bulk', '2020-01-01', 1)",
        [ledger.organization.id, ledger.promotion.id],
      )(tx),
  ],
  [
    "template_usage_equals_rows",
    "a template's day that no message made",
    async (tx) => {
      const template = await makeTemplate(tx, ledger.organization);
      await by(
        "insert into template_usage_analytics (organization_id, template_id, date, messages_sent) values ($1, $2, '2026-11-27', 1)",
        [ledger.organization.id, template.id],
      )(tx);
    },
  ],
  [
    "drip_steps_equal_rows",
    "a step's day that no message made",
    async (tx) => {
      const { id, stepIds } = await makeDrip(tx, ledger.organization);
      await by(
        "insert into drip_step_analytics (organization_id, campaign_id, step_id, date, messages_read) values ($1, $2, $3, '2026-11-27', 1)",
        [ledger.organization.id, id, stepIds[0]],
      )(tx);
    },
  ],
  [
    "prices_equal_rows",
    "a priced message that is not counted",
    async (tx) => {
      await by(`update messages set pricing = '{"category": "marketing", "type": "regular"}' where id = $1`, [
        jobIn("read", ledger.jobs).messageId,
      ])(tx);
      await by("update message_pricing_analytics set messages = 0")(tx);
    },
  ],
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
    "attempts_within_bounds",
    "a sent row that was never dispatched",
    (tx) =>
      by("update bulk_message_jobs set dispatched_at = null where id = $1", [jobIn("sent", ledger.jobs).id])(
        tx,
      ),
  ],
  [
    "attempts_within_bounds",
    "a message of an attempt that its job never made",
    (tx) => by("update messages set attempt = 2 where id = $1", [jobIn("read", ledger.jobs).messageId])(tx),
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
    "messages_match_jobs",
    "a sent row without a message",
    (tx) =>
      by("update bulk_message_jobs set message_id = null where id = $1", [jobIn("sent", ledger.jobs).id])(tx),
  ],
  [
    "messages_match_jobs",
    "a message that went to somebody else",
    (tx) =>
      by("update messages set contact_id = $2 where id = $1", [
        jobIn("sent", ledger.jobs).messageId,
        jobIn("read", ledger.jobs).contactId,
      ])(tx),
  ],
  [
    "messages_match_jobs",
    "a message that another number sent",
    async (tx) => {
      const { id } = await makeSender(tx, ledger.organization, { name: "second" });
      await tx.run("update messages set sender_id = $2 where id = $1", [
        jobIn("sent", ledger.jobs).messageId,
        id,
      ]);
    },
  ],
  [
    "messages_match_jobs",
    "a message that says more than its row",
    (tx) =>
      pastTriggers(
        "messages",
        "update messages set status = 'delivered', delivered_at = sent_at where id = $1",
        [jobIn("sent", ledger.jobs).messageId],
      )(tx),
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
    "status_times_agree",
    "a delivered row that does not say when",
    (tx) =>
      by("update bulk_message_jobs set delivered_at = null where id = $1", [
        jobIn("delivered", ledger.jobs).id,
      ])(tx),
  ],
  [
    "status_times_agree",
    "a message with a time of a status that it has not",
    (tx) =>
      pastTriggers("messages", "update messages set read_at = sent_at where id = $1", [
        jobIn("sent", ledger.jobs).messageId,
      ])(tx),
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
    "sources_equal_rows",
    "a day's count without its conversations",
    (tx) =>
      by(
        `insert into channel_sources (organization_id, type, name, daily_counts) values ($1, 'direct', 'x', '{"2026-11-27": 3}')`,
        [ledger.organization.id],
      )(tx),
  ],
  [
    "variants_as_drawn",
    "a message of another variant than the person's share says",
    async (tx) => {
      await tx.run("update campaign_runs set definition = definition || $1::jsonb", [
        JSON.stringify({
          variants: [
            { name: "A", weight: 1 },
            { name: "B", weight: 1 },
          ],
        }),
      ]);
      await tx.run(
        "update bulk_message_jobs set variant = case when adsapp_share(campaign_id, contact_id, 'variant') < 0.5 then 'A' else 'B' end where status <> 'skipped'",
      );
      expect(failing(await audit(tx, null))).toEqual([]);
      await by(
        "update bulk_message_jobs set variant = case variant when 'A' then 'B' else 'A' end where id = $1",
        [jobIn("read", ledger.jobs).id],
      )(tx);
    },
  ],
  [
    "variants_as_drawn",
    "a message to somebody who is held out",
    by(
      "update campaign_runs set definition = jsonb_set(definition, '{settings,holdout}', '100') where definition ? 'settings'",
    ),
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
    "agent_days_equal_rows",
    "an agent's day that says more than there is",
    (tx) =>
      by(
        "insert into agent_performance_metrics (organization_id, agent_id, date, messages_sent) values ($1, $2, '2026-11-20', 5)",
        [ledger.organization.id, ledger.organization.profileId],
      )(tx),
  ],
  [
    "agent_days_equal_rows",
    "an agent's day that nobody computed, and nobody will",
    async (tx) => {
      await tx.run(
        `insert into agent_sessions (organization_id, agent_id, online_at, offline_at)
         values ($1, $2, adsapp_now() - interval '1 hour', adsapp_now())`,
        [ledger.organization.id, ledger.organization.profileId],
      );
      expect(failing(await audit(tx, null))).toEqual([]);
      await by("delete from agent_days_due")(tx);
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
    "answers_in_their_conversation",
    "a message in another person's conversation",
    async (tx) => {
      const [first, second] = await tx.query<{ id: string; contactId: string }>(
        "select distinct on (contact_id) id, contact_id from messages where organization_id = $1 order by contact_id limit 2",
        [ledger.organization.id],
      );
      const opened = await tx.one<{ id: string }>(
        "insert into conversations (contact_id) values ($1) returning id",
        [second?.contactId],
      );
      await by("update messages set conversation_id = $2 where id = $1", [first?.id, opened?.id])(tx);
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

describe("the audit finds", () => {
  it.each(BREAKAGES)("%s: %s", async (name, _what, meddle) => {
    const result = await auditAfter(ledger.database, meddle);
    expect(failing(result).map(([check]) => check)).toEqual([name]);
    expect(result.ok).toBe(false);
    expect(result.checks.find((check) => check.name === name)?.examples[0]).toMatch(/\w/);
  });

  it("nothing against what was sent before the hours were changed", async () => {
    const result = await auditAfter(ledger.database, async (tx) => {
      await tx.run("update contacts set updated_at = created_at - interval '1 day'");
      await tx.run(
        "update campaign_runs set definition = jsonb_set(definition, '{settings,respectBusinessHours}', 'true')",
      );
      await tx.run(
        `update organizations set business_hours = jsonb_build_object(lower(to_char(adsapp_now() + interval '3 days', 'Dy')), '[["09:00", "10:00"]]'::jsonb)`,
      );
    });
    expect(failing(result)).toEqual([]);
  });

  it("only what docs/operating/audit.md explains: each check, and no other", () => {
    const page = readFileSync(join(packageRoot(), "docs/operating/audit.md"), "utf8");
    const explained = [...page.matchAll(/^\| `(\w+)` \| \w/gm)].map(([, name]) => name);
    expect(explained.toSorted()).toEqual([...CHECKS].toSorted());
  });

  it("with every check something: each has a case above, or in audit-drips.test.ts", () => {
    const ofDrips = [
      "drip_counters_equal_rows",
      "no_drip_after_opt_out",
      "each_step_once",
      "steps_in_order",
      "nobody_is_stuck",
      "failures_equal_rows",
      "drip_replies_equal_rows",
    ];
    expect(CHECKS.filter((name) => !BREAKAGES.some(([check]) => check === name))).toEqual(ofDrips);
  });
});
