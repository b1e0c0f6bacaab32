import { setTimeout } from "node:timers/promises";
import { bar, type Output, visible } from "../cli/output/index.ts";
import { refuseDocuments } from "../cli/watch.ts";
import type { CampaignDetails } from "./show.ts";
import { detailColumns, sheetColumns, sheetOf } from "./show-columns.ts";

const EVERY_MS = 1000;
const BAR = 40;

/**
 * Shows a campaign until it is done (completed or cancelled) or `stopping` aborts: drawn again in place on a terminal; off
 * one a line for each change, as text or NDJSON.
 * @param read the campaign as it is now
 * @throws UserError for formats that are one document; whatever `read` throws
 */
export async function watchCampaign(
  read: () => Promise<CampaignDetails>,
  out: Output,
  stopping: AbortSignal,
): Promise<void> {
  refuseDocuments(out);
  const screen = out.format === "table" ? out.screen() : undefined;
  let before = "";
  while (!stopping.aborted) {
    const details = await read();
    const now = lineOf(details);
    if (screen !== undefined)
      screen.draw(`${pictureOf(details)}\n\n${await out.lines(sheetOf(details), sheetColumns)}`);
    else if (now !== before && out.format === "ndjson") await out.record(details, detailColumns);
    else if (now !== before) out.print(now);
    before = now;
    if (details.status === "completed" || details.status === "cancelled") return;
    await setTimeout(EVERY_MS, undefined, { signal: stopping }).catch(() => {}); // aborted: the loop's condition sees it
  }
}

/** `running: 450 of 1500 settled, sent 440, delivered 430, read 90, replies 3, failed 10, skipped 0` */
function lineOf(details: CampaignDetails): string {
  const { status, statistics: s } = details;
  const counts = [
    ["sent", s.messagesSent],
    ["delivered", s.messagesDelivered],
    ["read", s.messagesRead],
    ["replies", s.repliesReceived],
    ["failed", s.messagesFailed],
    ["skipped", s.messagesSkipped],
  ].map(([name, count]) => `${name} ${count}`);
  return `${status}: ${settledOf(details)} of ${s.totalTargets} settled, ${counts.join(", ")}`;
}

function pictureOf(details: CampaignDetails): string {
  const { name, status, statistics } = details;
  const settled = settledOf(details);
  const share = statistics.totalTargets === 0 ? 0 : settled / statistics.totalTargets;
  const full = bar(share, BAR);
  const line = `${full}${"░".repeat(Math.max(0, BAR - full.length))} ${Math.floor(100 * share)} %`;
  return `${visible(name)}  ${status}\n${line}  ${settled} of ${statistics.totalTargets}`;
}

/** What nobody will send any more: it went out, failed, was skipped or cancelled. */
function settledOf({ byStatus, statistics }: CampaignDetails): number {
  const open = ["pending", "dispatching", "unknown"].map((status) => byStatus[status] ?? 0);
  return statistics.totalTargets - open.reduce((sum, count) => sum + count, 0);
}
