import type { CommandEntry } from "./command.ts";

/** The table of contents: what `adsapp --help` lists, in the order in which data passes. */
export const commands: readonly CommandEntry[] = [
  {
    path: "quickstart",
    summary: "the whole loop on this machine in under a minute",
    load: () => import("../quickstart/quickstart.command.ts"),
  },

  { path: "db start", summary: "start it", load: () => import("../db/db-start.command.ts") },
  { path: "db stop", summary: "stop it", load: () => import("../db/db-stop.command.ts") },
  { path: "db status", summary: "does it run, where", load: () => import("../db/db-status.command.ts") },
  { path: "db url", summary: "the URL of the database", load: () => import("../db/db-url.command.ts") },
  { path: "db psql", summary: "open psql on it", load: () => import("../db/db-psql.command.ts") },
  { path: "db reset", summary: "remove all of its data", load: () => import("../db/db-reset.command.ts") },

  { path: "migrate up", summary: "bring it up to date", load: () => import("../db/migrate-up.command.ts") },
  { path: "migrate down", summary: "take it back", load: () => import("../db/migrate-down.command.ts") },
  { path: "migrate status", summary: "what has run", load: () => import("../db/migrate-status.command.ts") },
  {
    path: "migrate generate",
    summary: "write the next pair of files",
    load: () => import("../db/migrate-generate.command.ts"),
  },

  { path: "org create", summary: "make one", load: () => import("../organizations/create.command.ts") },
  { path: "org list", summary: "all of them", load: () => import("../organizations/list.command.ts") },
  { path: "org use", summary: "choose one", load: () => import("../organizations/use.command.ts") },
  { path: "org show", summary: "one in full", load: () => import("../organizations/show.command.ts") },
  { path: "org set", summary: "change it", load: () => import("../organizations/set.command.ts") },
  { path: "org pause", summary: "emergency stop", load: () => import("../organizations/pause.command.ts") },
  { path: "org resume", summary: "go on", load: () => import("../organizations/resume.command.ts") },
  {
    path: "org token",
    summary: "for programs that tell events",
    load: () => import("../organizations/token.command.ts"),
  },

  { path: "user add", summary: "add one", load: () => import("../organizations/user-add.command.ts") },
  { path: "user list", summary: "all of them", load: () => import("../organizations/user-list.command.ts") },
  {
    path: "user remove",
    summary: "remove one",
    load: () => import("../organizations/user-remove.command.ts"),
  },

  { path: "sender add", summary: "add a number", load: () => import("../senders/add.command.ts") },
  { path: "sender list", summary: "all of them", load: () => import("../senders/list.command.ts") },
  { path: "sender show", summary: "one in full", load: () => import("../senders/show.command.ts") },
  { path: "sender set", summary: "its messaging limit", load: () => import("../senders/set.command.ts") },
  { path: "sender resume", summary: "end a halt", load: () => import("../senders/resume.command.ts") },

  { path: "contact import", summary: "from a CSV", load: () => import("../contacts/import.command.ts") },
  { path: "import list", summary: "what was", load: () => import("../contacts/import-list.command.ts") },
  { path: "import undo", summary: "take one back", load: () => import("../contacts/import-undo.command.ts") },
  { path: "contact list", summary: "who they are", load: () => import("../contacts/list.command.ts") },
  { path: "contact show", summary: "one in full", load: () => import("../contacts/show.command.ts") },
  { path: "contact tag", summary: "add tags", load: () => import("../contacts/tag.command.ts") },
  { path: "contact untag", summary: "take tags away", load: () => import("../contacts/untag.command.ts") },
  { path: "contact opt-out", summary: "no marketing", load: () => import("../contacts/opt-out.command.ts") },
  { path: "contact opt-in", summary: "marketing again", load: () => import("../contacts/opt-in.command.ts") },
  { path: "contact block", summary: "no message at all", load: () => import("../contacts/block.command.ts") },
  { path: "contact unblock", summary: "lift a block", load: () => import("../contacts/unblock.command.ts") },
  { path: "contact export", summary: "all about one", load: () => import("../contacts/export.command.ts") },
  { path: "contact erase", summary: "forget one", load: () => import("../contacts/erase.command.ts") },
  { path: "contact review", summary: "maybe opt-outs", load: () => import("../contacts/review.command.ts") },

  { path: "list create", summary: "make one", load: () => import("../contacts/list-create.command.ts") },
  { path: "list add", summary: "put contacts on it", load: () => import("../contacts/list-add.command.ts") },
  { path: "list remove", summary: "take them off", load: () => import("../contacts/list-remove.command.ts") },
  { path: "list show", summary: "one in full", load: () => import("../contacts/list-show.command.ts") },
  { path: "list list", summary: "all of them", load: () => import("../contacts/list-list.command.ts") },

  {
    path: "template sync",
    summary: "take over those of Meta",
    load: () => import("../templates/sync.command.ts"),
  },
  { path: "template add", summary: "from a YAML file", load: () => import("../templates/add.command.ts") },
  { path: "template list", summary: "all of them", load: () => import("../templates/list.command.ts") },
  { path: "template show", summary: "one in full", load: () => import("../templates/show.command.ts") },
  {
    path: "template preview",
    summary: "as a person would read it",
    load: () => import("../templates/preview.command.ts"),
  },

  {
    path: "campaign create",
    summary: "from a YAML file",
    load: () => import("../campaigns/create.command.ts"),
  },
  {
    path: "campaign validate",
    summary: "check a file",
    load: () => import("../campaigns/validate.command.ts"),
  },
  {
    path: "campaign preview",
    summary: "whom it would reach, and when",
    load: () => import("../campaigns/preview.command.ts"),
  },
  {
    path: "campaign test",
    summary: "one message to a tester",
    load: () => import("../campaigns/test.command.ts"),
  },
  { path: "campaign start", summary: "arm a draft", load: () => import("../campaigns/start.command.ts") },
  { path: "campaign pause", summary: "hold it", load: () => import("../campaigns/pause.command.ts") },
  { path: "campaign resume", summary: "go on", load: () => import("../campaigns/resume.command.ts") },
  {
    path: "campaign cancel",
    summary: "end it for good",
    load: () => import("../campaigns/cancel.command.ts"),
  },
  {
    path: "campaign retry",
    summary: "try failed messages again",
    load: () => import("../jobs/retry.command.ts"),
  },
  { path: "campaign list", summary: "all of them", load: () => import("../campaigns/list.command.ts") },
  {
    path: "campaign show",
    summary: "one with its numbers",
    load: () => import("../campaigns/show.command.ts"),
  },

  { path: "drip create", summary: "from a YAML file", load: () => import("../drips/create.command.ts") },
  { path: "drip validate", summary: "check a file", load: () => import("../drips/validate.command.ts") },
  { path: "drip update", summary: "a new version", load: () => import("../drips/update.command.ts") },
  {
    path: "drip activate",
    summary: "let it run, or go on",
    load: () => import("../drips/activate.command.ts"),
  },
  { path: "drip pause", summary: "hold it", load: () => import("../drips/pause.command.ts") },
  { path: "drip archive", summary: "end it for good", load: () => import("../drips/archive.command.ts") },
  { path: "drip enroll", summary: "let contacts in", load: () => import("../drips/enroll.command.ts") },
  { path: "drip unenroll", summary: "let contacts out", load: () => import("../drips/unenroll.command.ts") },
  { path: "drip list", summary: "all of them", load: () => import("../drips/list.command.ts") },
  { path: "drip show", summary: "one with its funnel", load: () => import("../drips/show.command.ts") },
  { path: "drip preview", summary: "what it would do", load: () => import("../drips/preview.command.ts") },
  { path: "drip free", summary: "whoever is stuck", load: () => import("../drips/free.command.ts") },

  { path: "job list", summary: "single messages", load: () => import("../jobs/list.command.ts") },
  { path: "job show", summary: "one with its life", load: () => import("../jobs/show.command.ts") },
  {
    path: "job resolve",
    summary: "settle unknown outcomes",
    means: { "--as sent": "--verdict=sent", "--as not-sent": "--verdict=not-sent" },
    load: () => import("../jobs/resolve.command.ts"),
  },

  {
    path: "rule create",
    summary: "from a YAML file",
    load: () => import("../events/rule-create.command.ts"),
  },
  { path: "rule list", summary: "all of them", load: () => import("../events/rule-list.command.ts") },
  { path: "rule enable", summary: "let it act", load: () => import("../events/rule-enable.command.ts") },
  { path: "rule disable", summary: "let it rest", load: () => import("../events/rule-disable.command.ts") },

  { path: "event emit", summary: "one, by hand", load: () => import("../events/event-emit.command.ts") },
  { path: "event import", summary: "NDJSON", load: () => import("../events/event-import.command.ts") },

  {
    path: "tick",
    summary: "do all that is due (cron, each minute)",
    load: () => import("../tick/tick.command.ts"),
    bare: async () => (await import("../tick/run.ts")).runTick,
  },
  { path: "crontab", summary: "the line for cron", load: () => import("../tick/crontab.command.ts") },

  {
    path: "webhook serve",
    summary: "take Meta's posts, and events",
    load: () => import("../webhooks/serve.command.ts"),
  },
  {
    path: "webhook ingest",
    summary: "bodies from files",
    load: () => import("../webhooks/ingest.command.ts"),
  },
  {
    path: "webhook replay",
    summary: "apply stored ones again",
    load: () => import("../webhooks/replay.command.ts"),
  },

  {
    path: "conversation list",
    summary: "the inbox",
    load: () => import("../conversations/list.command.ts"),
  },
  {
    path: "conversation show",
    summary: "one with its thread",
    load: () => import("../conversations/show.command.ts"),
  },
  {
    path: "conversation assign",
    summary: "give it to an agent",
    load: () => import("../conversations/assign.command.ts"),
  },
  {
    path: "conversation reply",
    summary: "answer the person",
    load: () => import("../conversations/reply.command.ts"),
  },
  {
    path: "conversation close",
    summary: "end it",
    load: () => import("../conversations/close.command.ts"),
  },
  {
    path: "conversation rate",
    summary: "how satisfied they were",
    load: () => import("../conversations/rate.command.ts"),
  },

  {
    path: "agent online",
    summary: "begin to answer",
    load: () => import("../conversations/agent-online.command.ts"),
  },
  {
    path: "agent offline",
    summary: "stop answering",
    load: () => import("../conversations/agent-offline.command.ts"),
  },
  {
    path: "agent list",
    summary: "who answers",
    load: () => import("../conversations/agent-list.command.ts"),
  },

  {
    path: "source create",
    summary: "a link of its own",
    load: () => import("../sources/create.command.ts"),
  },
  {
    path: "source list",
    summary: "where people come from",
    load: () => import("../sources/list.command.ts"),
  },
  {
    path: "source qr",
    summary: "its link and QR code",
    load: () => import("../sources/qr.command.ts"),
  },

  {
    path: "report analytics",
    summary: "by day and campaign",
    load: () => import("../reports/analytics.command.ts"),
  },
  {
    path: "report campaigns",
    summary: "the best ones",
    load: () => import("../reports/campaigns.command.ts"),
  },
  { path: "report drip", summary: "drips compared", load: () => import("../reports/drip.command.ts") },

  {
    path: "status",
    summary: "what runs, what waits and why",
    load: () => import("../status/status.command.ts"),
  },
  { path: "prune", summary: "end of retention", load: () => import("../contacts/prune.command.ts") },
  {
    path: "audit",
    summary: "prove that the books balance",
    load: () => import("../analytics/audit.command.ts"),
  },

  {
    path: "simulator",
    summary: "a local Cloud API",
    load: () => import("../simulator/simulator.command.ts"),
  },
];
