import { expect } from "vitest";
import { audit } from "../../src/analytics/audit.ts";
import { makeDrip } from "../support/drip-factories.ts";
import { makeSender, makeTemplate } from "../support/factories.ts";
import { type Breakage, by, failing, jobIn, ledger, pastTriggers } from "./ledger.ts";

/** Books that do not say what the rows say: the check, what is wrong, and how it came about. */
export const BREAKAGES_OF_BOOKS: readonly Breakage[] = [
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
    "drip_entries_equal_rows",
    "a day on which somebody entered a drip, and nobody did",
    async (tx) => {
      const { id } = await makeDrip(tx, ledger.organization);
      await by(
        "insert into drip_entry_analytics (organization_id, campaign_id, date, enrolled) values ($1, $2, '2026-11-27', 1)",
        [ledger.organization.id, id],
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
    "replies_equal_answers",
    "a message that was answered, and nobody did",
    (tx) =>
      by("update messages set replied_at = sent_at where id = $1", [jobIn("sent", ledger.jobs).messageId])(
        tx,
      ),
  ],
  [
    "replies_equal_answers",
    "a job that was answered before anybody did",
    (tx) =>
      by("update bulk_message_jobs set replied_at = sent_at where id = $1", [jobIn("read", ledger.jobs).id])(
        tx,
      ),
  ],
  [
    "replies_equal_answers",
    "an opt-out that no message's numbers have",
    (tx) =>
      by(
        `insert into messages (organization_id, direction, contact_id, sender_id, type, status, received_at, consent, answers)
         select m.organization_id, 'inbound', m.contact_id, m.sender_id, 'text', 'received', m.sent_at + interval '1 minute', 'opt_out', m.id
           from messages m where m.id = $1`,
        [jobIn("read", ledger.jobs).messageId],
      )(tx),
  ],
];
