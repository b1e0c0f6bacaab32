import { Option } from "commander";
import { withHeld } from "../campaigns/columns.ts";
import { defineCommand } from "../cli/command.ts";
import { type Column, type Output, visible } from "../cli/output/index.ts";
import { watch } from "../cli/watch.ts";
import { ExitCode } from "../errors.ts";
import { counted } from "./problems.ts";
import { type OpenCampaign, type OpenDrip, type Status, statusOf, type WaitsFor } from "./status.ts";

export default defineCommand<[], { check?: boolean; watch?: boolean }>({
  description:
    "What runs, what waits and why: campaigns that are not finished, drips, senders, webhook bodies, the heartbeat of ticks.\n--check ends with 1 when something needs a person (a halted sender, a campaign or drip that paused itself, messages with an unknown\noutcome, webhook bodies that cannot be applied, no ticks): one line for a monitor, or with --format json all of it. --watch shows it\nlive: in place on a terminal; elsewhere again whenever it changes (text or NDJSON).",
  examples: ["adsapp status", "adsapp status --watch", "adsapp status --check --quiet"],
  declare(command) {
    command
      .option("--check", "one line, and 1 when something needs a person")
      .addOption(new Option("--watch", "live, until it is interrupted").conflicts("check"));
  },
  async run(context, options) {
    const { id, slug } = await context.organization();
    const read = () => statusOf(context.operator, context.worker, id);
    const show = async (out: Output, status: Status) =>
      out.format === "table" ? printSections(out, status) : out.record(status, COLUMNS);
    if (options.watch === true)
      return watch(context.out, context.stopping, async (out) => show(out, await read()));
    const status = await read();
    if (options.check !== true) return show(context.out, status);
    if (context.out.format === "table") context.out.print(verdictOf(slug, status));
    else await context.out.record(status, COLUMNS);
    return status.ok ? ExitCode.Done : ExitCode.Failed;
  },
});

/** As monitors show it: `jansen OK: 2 campaigns, last tick 2026-11-27T09:00:00Z`, or what is wrong, the first thing first. */
function verdictOf(slug: string, { ok, problems, campaigns, ticks }: Status): string {
  const at = ticks.lastStartedAt === null ? "no tick yet" : `last tick ${ticks.lastStartedAt.toISOString()}`;
  if (ok) return `${slug} OK: ${counted(campaigns.length, "open campaign", "open campaigns")}, ${at}`;
  return visible(`${slug} PROBLEM: ${problems.join("; ")}`).replaceAll("\n", " ");
}

const COLUMNS: Column<Status>[] = [
  { key: "ok" },
  { key: "problems" },
  { key: "organizationPausedAt" },
  { key: "campaigns" },
  { key: "drips" },
  { key: "senders" },
  { key: "portfolios" },
  { key: "notices" },
  { key: "inbox" },
  { key: "reviews" },
  { key: "ticks" },
];

async function printSections(out: Output, status: Status): Promise<void> {
  await printCampaigns(out, status.campaigns);
  if (status.drips.length > 0) {
    out.print("");
    await printDrips(out, status.drips);
  }
  if (status.senders.length > 0) out.print("");
  await out.list(status.senders, [
    { key: "name", title: "Sender" },
    { key: "provider" },
    { key: "state" },
    { key: "haltReason", title: "Halted because" },
    { key: "working" },
    { key: "directWaiting", title: "Direct messages" },
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

async function printDrips(out: Output, drips: readonly OpenDrip[]): Promise<void> {
  const lines = drips.map((drip) => ({
    ...drip,
    status: withHeld(drip.status, drip.held),
    why: whyOf(drip),
  }));
  await out.list(lines, [
    { key: "name", title: "Drip" },
    { key: "status" },
    { key: "sender" },
    { key: "people" },
    { key: "due" },
    { key: "unknown" },
    { key: "why", title: "Waits for" },
    { key: "waitsUntil", title: "Until", as: "time" },
  ]);
}

const WHY: Record<WaitsFor | "next_step" | "people", string> = {
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
  next_step: "the next step of somebody",
  people: "somebody to enter it",
  evidence: "news of unknown outcomes",
  sending: "nothing: it sends",
  tick: "the next tick",
};

function whyOf({ waitsFor, pauseReason, held }: OpenCampaign | OpenDrip): string {
  if (waitsFor === "resume") return `a person: ${pauseReason}`;
  if (waitsFor === null) return held > 0 ? "a person: unknown outcomes" : "";
  return WHY[waitsFor];
}
