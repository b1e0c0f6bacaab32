import { withHeld } from "../campaigns/columns.ts";
import { defineCommand } from "../cli/command.ts";
import type { Column, Output } from "../cli/output/index.ts";
import { ExitCode } from "../errors.ts";
import { type OpenCampaign, type Status, statusOf, type WaitsFor } from "./status.ts";

export default defineCommand<[], { check?: boolean }>({
  description:
    "What runs, what waits and why: campaigns that are not finished, senders, webhook bodies, the heartbeat of ticks.\n--check ends with 1 when something needs a person (a halted sender, a campaign that paused itself, messages with an unknown\noutcome, webhook bodies that cannot be applied, no ticks): for a monitor.",
  examples: ["adsapp status", "adsapp status --check --format json"],
  declare(command) {
    command.option("--check", "end with 1 when something needs a person");
  },
  async run(context, options) {
    const { id } = await context.organization();
    const status = await statusOf(context.operator, context.worker, id);
    if (context.out.format === "table") await printSections(context.out, status);
    else await context.out.record(status, COLUMNS);
    return options.check === true && !status.ok ? ExitCode.Failed : ExitCode.Done;
  },
});

const COLUMNS: Column<Status>[] = [
  { key: "ok" },
  { key: "problems" },
  { key: "organizationPausedAt" },
  { key: "campaigns" },
  { key: "senders" },
  { key: "portfolios" },
  { key: "notices" },
  { key: "inbox" },
  { key: "reviews" },
  { key: "ticks" },
];

async function printSections(out: Output, status: Status): Promise<void> {
  await printCampaigns(out, status.campaigns);
  if (status.senders.length > 0) out.print("");
  await out.list(status.senders, [
    { key: "name", title: "Sender" },
    { key: "provider" },
    { key: "state" },
    { key: "haltReason", title: "Halted because" },
    { key: "working" },
    { key: "holder", title: "Taken by" },
    { key: "expiresAt", title: "Lease until", as: "time" },
  ]);
  if (status.portfolios.length > 0) {
    out.print("");
    await out.list(status.portfolios, [
      { key: "name", title: "Portfolio" },
      { key: "limit", title: "People in 24 hours at most" },
      { key: "reached", title: "Reached" },
      { key: "roomAt", title: "Room again at", as: "time" },
    ]);
  }
  if (status.notices.length > 0) {
    out.print("");
    await out.list(status.notices, [
      { key: "occurredAt", title: "Told by Meta", as: "time" },
      { key: "message", title: "What" },
      { key: "halts", title: "Halts" },
      { key: "sender" },
    ]);
  }
  out.print("");
  await out.record({ ...status, ...status.inbox, ...status.ticks }, [
    ...(status.organizationPausedAt === null
      ? []
      : [{ key: "organizationPausedAt", title: "Organization paused", as: "time" } as const]),
    { key: "waiting", title: "Webhook bodies waiting" },
    { key: "oldestAt", title: "Oldest of them", as: "time" },
    { key: "failed", title: "Webhook bodies failed" },
    { key: "reviews", title: "Messages to review" },
    { key: "lastStartedAt", title: "Last tick", as: "time" },
    { key: "host", title: "On" },
    { key: "missedMinutes", title: "Minutes without a tick in the last hour" },
  ]);
  for (const problem of status.problems) out.warn(problem);
}

async function printCampaigns(out: Output, campaigns: readonly OpenCampaign[]): Promise<void> {
  const lines = campaigns.map((campaign) => ({
    ...campaign,
    status: withHeld(campaign.status, campaign.held),
    why: whyOf(campaign),
  }));
  await out.list(
    lines,
    [
      { key: "name", title: "Campaign" },
      { key: "status" },
      { key: "sender" },
      { key: "targets" },
      { key: "sent" },
      { key: "pending" },
      { key: "unknown" },
      { key: "why", title: "Waits for" },
      { key: "waitsUntil", title: "Until", as: "time" },
    ],
    { empty: "No campaign runs, waits or is paused." },
  );
}

const WHY: Record<WaitsFor, string> = {
  resume: "a person",
  start_time: "its time",
  organization_paused: "the organization, which is paused",
  sender_halted: "its sender, which is halted",
  sender_rests: "its sender, which Meta asked to slow down",
  expansion: "its audience to be written out",
  canary: "how its canary fares",
  hourly_limit: "its messagesPerHour",
  messaging_limit: "the messaging limit of its portfolio",
  next_attempt: "the next attempt",
  evidence: "news of unknown outcomes",
  sending: "nothing: it sends",
  tick: "the next tick",
};

function whyOf({ waitsFor, pauseReason, held }: OpenCampaign): string {
  if (waitsFor === "resume") return `a person: ${pauseReason}`;
  if (waitsFor === null) return held > 0 ? "a person: unknown outcomes" : "";
  return WHY[waitsFor];
}
