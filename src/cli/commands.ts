import type { CommandEntry } from "./command.ts";

const entry = (path: string, summary: string, load: CommandEntry["load"]): CommandEntry => ({
  path,
  summary,
  load,
});

/** The table of contents: what `adsapp --help` lists, in the order in which data passes. */
export const commands: readonly CommandEntry[] = [
  entry(
    "quickstart",
    "the whole loop on this machine in under a minute",
    () => import("../quickstart/quickstart.command.ts"),
  ),

  entry("db start", "start it", () => import("../db/db-start.command.ts")),
  entry("db stop", "stop it", () => import("../db/db-stop.command.ts")),
  entry("db status", "does it run, where", () => import("../db/db-status.command.ts")),
  entry("db url", "the URL of the database", () => import("../db/db-url.command.ts")),
  entry("db psql", "open psql on it", () => import("../db/db-psql.command.ts")),
  entry("db backup", "stop and copy", () => import("../db/db-backup.command.ts")),
  entry("db restore", "put a copy in its place", () => import("../db/db-restore.command.ts")),
  entry("db move", "to another PostgreSQL", () => import("../moving/move.command.ts")),
  entry("db reset", "remove all of its data", () => import("../db/db-reset.command.ts")),

  entry("migrate up", "bring it up to date", () => import("../db/migrate-up.command.ts")),
  entry("migrate down", "take it back", () => import("../db/migrate-down.command.ts")),
  entry("migrate status", "what has run", () => import("../db/migrate-status.command.ts")),
  entry(
    "migrate generate",
    "write the next pair of files",
    () => import("../db/migrate-generate.command.ts"),
  ),
  entry("migrate export", "for supabase db push", () => import("../db/migrate-export.command.ts")),

  entry("org create", "make one", () => import("../organizations/create.command.ts")),
  entry("org list", "all of them", () => import("../organizations/list.command.ts")),
  entry("org use", "choose one", () => import("../organizations/use.command.ts")),
  entry("org show", "one in full", () => import("../organizations/show.command.ts")),
  entry("org set", "change it", () => import("../organizations/set.command.ts")),
  entry("org pause", "emergency stop", () => import("../organizations/pause.command.ts")),
  entry("org resume", "go on", () => import("../organizations/resume.command.ts")),
  entry("org token", "for programs that tell events", () => import("../organizations/token.command.ts")),

  entry("user add", "add one", () => import("../organizations/user-add.command.ts")),
  entry("user list", "all of them", () => import("../organizations/user-list.command.ts")),
  entry("user remove", "remove one", () => import("../organizations/user-remove.command.ts")),

  entry("sender add", "add a number", () => import("../senders/add.command.ts")),
  entry("sender list", "all of them", () => import("../senders/list.command.ts")),
  entry("sender show", "one in full", () => import("../senders/show.command.ts")),
  entry("sender test", "could it send now", () => import("../status/doctor/sender-test.command.ts")),
  entry("sender set", "its limits", () => import("../senders/set.command.ts")),
  entry("sender resume", "end a halt", () => import("../senders/resume.command.ts")),

  entry("contact import", "from a CSV", () => import("../contacts/import.command.ts")),
  entry("import list", "what was imported", () => import("../contacts/import-list.command.ts")),
  entry("import undo", "take one back", () => import("../contacts/import-undo.command.ts")),
  entry("contact list", "by tag, list, consent", () => import("../audience/contact-list.command.ts")),
  entry("contact show", "one with its history", () => import("../contacts/show.command.ts")),
  entry("contact tag", "add tags", () => import("../contacts/tag.command.ts")),
  entry("contact untag", "take tags away", () => import("../contacts/untag.command.ts")),
  entry("contact opt-out", "no marketing", () => import("../contacts/opt-out.command.ts")),
  entry("contact opt-in", "marketing again", () => import("../contacts/opt-in.command.ts")),
  entry("contact block", "no message at all", () => import("../contacts/block.command.ts")),
  entry("contact unblock", "lift a block", () => import("../contacts/unblock.command.ts")),
  entry("contact export", "all of one, or of all", () => import("../contacts/export.command.ts")),
  entry("contact erase", "forget one for good", () => import("../contacts/erase.command.ts")),
  entry("contact review", "what may be an opt-out", () => import("../contacts/review.command.ts")),

  entry("list create", "make one", () => import("../audience/list-create.command.ts")),
  entry("list add", "put contacts on it", () => import("../contacts/list-add.command.ts")),
  entry("list remove", "take contacts off", () => import("../contacts/list-remove.command.ts")),
  entry("list show", "one and its members", () => import("../audience/list-show.command.ts")),
  entry("list list", "all of them", () => import("../contacts/list-list.command.ts")),

  entry("template sync", "take over those of Meta", () => import("../templates/sync.command.ts")),
  entry("template add", "from a YAML file", () => import("../templates/add.command.ts")),
  entry("template list", "all of them", () => import("../templates/list.command.ts")),
  entry("template show", "one in full", () => import("../templates/show.command.ts")),
  entry("template preview", "as a person would read it", () => import("../templates/preview.command.ts")),

  entry("campaign create", "from a YAML file", () => import("../campaigns/create.command.ts")),
  entry("campaign validate", "check a file", () => import("../campaigns/validate.command.ts")),
  entry("campaign preview", "whom it would reach, and when", () => import("../campaigns/preview.command.ts")),
  entry("campaign test", "one message to a tester", () => import("../campaigns/test.command.ts")),
  entry("campaign start", "arm a draft", () => import("../campaigns/start.command.ts")),
  entry(
    "campaign schedule",
    "arm it for a time, or move it",
    () => import("../campaigns/schedule.command.ts"),
  ),
  entry("campaign pause", "hold it", () => import("../campaigns/pause.command.ts")),
  entry("campaign resume", "go on", () => import("../campaigns/resume.command.ts")),
  entry("campaign cancel", "end it for good", () => import("../campaigns/cancel.command.ts")),
  entry("campaign retry", "try failed messages again", () => import("../jobs/retry.command.ts")),
  entry("campaign clone", "a draft like it", () => import("../campaigns/clone.command.ts")),
  entry("campaign export", "its YAML again", () => import("../campaigns/export.command.ts")),
  entry("campaign delete", "remove a draft", () => import("../campaigns/delete.command.ts")),
  entry("campaign list", "all of them", () => import("../campaigns/list.command.ts")),
  entry("campaign show", "one with its numbers", () => import("../campaigns/show.command.ts")),

  entry("drip create", "from a YAML file", () => import("../drips/create.command.ts")),
  entry("drip validate", "check a file", () => import("../drips/validate.command.ts")),
  entry("drip update", "a new version", () => import("../drips/update.command.ts")),
  entry("drip activate", "let it run, or go on", () => import("../drips/activate.command.ts")),
  entry("drip pause", "hold it", () => import("../drips/pause.command.ts")),
  entry("drip archive", "end it for good", () => import("../drips/archive.command.ts")),
  entry("drip enroll", "let contacts in", () => import("../drips/enroll.command.ts")),
  entry("drip unenroll", "let contacts out", () => import("../drips/unenroll.command.ts")),
  entry("drip clone", "a draft like it", () => import("../drips/clone.command.ts")),
  entry("drip export", "its YAML again", () => import("../drips/export.command.ts")),
  entry("drip list", "all of them", () => import("../drips/list.command.ts")),
  entry("drip show", "one with its funnel", () => import("../drips/show.command.ts")),
  entry("drip preview", "what it would do", () => import("../drips/preview.command.ts")),
  entry("drip free", "whoever is stuck", () => import("../drips/free.command.ts")),

  entry("plan", "what a folder of YAML would change", () => import("../plans/plan.command.ts")),
  entry("apply", "change the database to it", () => import("../plans/apply.command.ts")),

  entry("schema", "JSON Schema for editors", () => import("../plans/schema.command.ts")),

  entry("job list", "single messages", () => import("../jobs/list.command.ts")),
  entry("job show", "one with its life", () => import("../jobs/show.command.ts")),
  {
    path: "job resolve",
    summary: "settle unknown outcomes",
    means: { "--as sent": "--verdict=sent", "--as not-sent": "--verdict=not-sent" },
    load: () => import("../jobs/resolve.command.ts"),
  },
  entry(
    "explain",
    "why a person gets a message, or not",
    () => import("../status/explain/explain.command.ts"),
  ),

  entry("rule create", "from a YAML file", () => import("../events/rule-create.command.ts")),
  entry("rule export", "its YAML again", () => import("../events/rule-export.command.ts")),
  entry("rule list", "all of them", () => import("../events/rule-list.command.ts")),
  entry("rule enable", "let it act", () => import("../events/rule-enable.command.ts")),
  entry("rule disable", "let it rest", () => import("../events/rule-disable.command.ts")),

  entry("event emit", "one, by hand", () => import("../events/event-emit.command.ts")),
  entry("event import", "NDJSON", () => import("../events/event-import.command.ts")),

  {
    path: "tick",
    summary: "do all that is due (cron, each minute)",
    load: () => import("../tick/tick.command.ts"),
    bare: async () => (await import("../tick/run.ts")).runTick,
  },
  entry("crontab", "the line for cron", () => import("../tick/crontab.command.ts")),

  entry("webhook serve", "take Meta's posts, and events", () => import("../webhooks/serve.command.ts")),
  entry("webhook ingest", "bodies from files", () => import("../webhooks/ingest.command.ts")),
  entry("webhook replay", "apply stored ones again", () => import("../webhooks/replay.command.ts")),
  entry("webhook dismiss", "let one be", () => import("../webhooks/dismiss.command.ts")),

  entry("conversation list", "the inbox", () => import("../conversations/list.command.ts")),
  entry("conversation show", "one with its thread", () => import("../conversations/show.command.ts")),
  entry("conversation assign", "give it to an agent", () => import("../conversations/assign.command.ts")),
  entry("conversation reply", "answer the person", () => import("../conversations/reply.command.ts")),
  entry("conversation close", "end it", () => import("../conversations/close.command.ts")),
  entry("conversation rate", "how satisfied they were", () => import("../conversations/rate.command.ts")),

  entry("agent online", "begin to answer", () => import("../conversations/agent-online.command.ts")),
  entry("agent offline", "stop answering", () => import("../conversations/agent-offline.command.ts")),
  entry("agent list", "who answers", () => import("../conversations/agent-list.command.ts")),

  entry("source create", "a link of its own", () => import("../sources/create.command.ts")),
  entry("source list", "where people come from", () => import("../sources/list.command.ts")),
  entry("source qr", "its link and QR code", () => import("../sources/qr.command.ts")),

  entry("report analytics", "by day and campaign", () => import("../reports/analytics.command.ts")),
  entry("report campaigns", "the best ones", () => import("../reports/campaigns.command.ts")),
  entry("report drip", "drips compared", () => import("../reports/drip.command.ts")),
  entry("report agents", "who did what", () => import("../reports/agents.command.ts")),
  entry("report channels", "by source", () => import("../reports/channels.command.ts")),
  entry("report templates", "by name", () => import("../reports/templates.command.ts")),
  entry("report variants", "A/B tests", () => import("../reports/variants.command.ts")),
  entry("report failures", "by code", () => import("../reports/failures.command.ts")),

  entry("status", "what runs, what waits and why", () => import("../status/status.command.ts")),
  entry("doctor", "is all set up, and what mends it", () => import("../status/doctor/doctor.command.ts")),
  entry("ticks", "those that ran", () => import("../status/ticks.command.ts")),
  entry("metrics", "for Prometheus", () => import("../status/metrics.command.ts")),
  entry("prune", "let go of what is kept too long", () => import("../contacts/prune.command.ts")),
  entry("audit", "prove that the books balance", () => import("../analytics/audit.command.ts")),
  entry("rebuild", "daily numbers anew, from messages", () => import("../analytics/rebuild.command.ts")),

  entry("simulator", "a local Cloud API", () => import("../simulator/simulator.command.ts")),
  entry("completion", "for bash, zsh and fish", () => import("../completion/completion.command.ts")),
];

/** What the shells' scripts ask (`adsapp completion`): no command for people, so it stands in no list. */
export const COMPLETE = "__complete";
export const loadComplete = async () => (await import("../completion/complete.ts")).complete;
