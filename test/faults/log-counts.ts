// What the simulator accepted and told, by its own log, counted as reports count: a row once, on the local day of its first attempt.
import { readFileSync } from "node:fs";
import { readOpaqueId } from "../../src/sending/render.ts";

/** Of one organization's day, broadcasts or drips. */
export interface DayCounts {
  sent: number;
  delivered: number;
  read: number;
  failed: number;
}

interface Told {
  event: string;
  wamid: string;
  at: string;
  phoneNumberId?: string;
  opaqueId?: string;
  errorCode?: number;
  to?: string;
  from?: string;
  text?: string;
  contextId?: string;
}

/** What a person wrote, no STOP. */
export interface Answer {
  tenant: string;
  /** a phone */
  from: string;
  /** as Meta tells it, in whole seconds */
  at: number;
  /** is it one to a message of a campaign */
  answers: boolean;
}

/** A job or a log, over all of its attempts. */
export interface Row {
  id: string;
  tenant: string;
  kind: "bulk" | "drip";
  firstAt: Date;
  /** of the last attempt */
  wamid: string;
  delivered: boolean;
  read: boolean;
  errorCode: string | undefined;
  replied: boolean;
  optedOut: boolean;
}

/** An attempt that was accepted. */
interface Attempt {
  row: Row;
  to: string;
  at: number;
  failed: boolean;
}

export interface LogCounts {
  /** `tenant kind 2026-11-27` */
  days: Map<string, DayCounts>;
  /** `tenant code` */
  failures: Map<string, number>;
  /** `tenant 2026-11-27`, of broadcasts and drips together */
  replies: Map<string, number>;
  /** likewise, of STOPs */
  optOuts: Map<string, number>;
  answers: Answer[];
  /** answers that name no message and that two of one second may have got: which came last, a crash may forget */
  doubtful: number;
  /** of a message of no campaign, by its id */
  direct: Map<string, { failed: boolean; delivered: boolean }>;
  /** by tenant, of all days */
  sent: Map<string, number>;
  rows: readonly Row[];
  accepted: number;
}

export const NONE: DayCounts = { sent: 0, delivered: 0, read: 0, failed: 0 };

/** @param tenantOf whose a number is @param timezone of all tenants */
export function countsOfLog(
  file: string,
  tenantOf: (phoneNumberId: string) => string,
  timezone: string,
): LogCounts {
  const rows = rowsOf(readFileSync(file, "utf8"), tenantOf);
  const day = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, dateStyle: "short" });
  const days = new Map<string, DayCounts>();
  const failures = new Map<string, number>();
  for (const { tenant, kind, firstAt, delivered, read, errorCode } of rows.list) {
    const key = `${tenant} ${kind} ${day.format(firstAt)}`;
    const counts = days.get(key) ?? NONE;
    const failed = errorCode !== undefined && !delivered;
    days.set(key, {
      sent: counts.sent + 1,
      delivered: counts.delivered + Number(delivered),
      read: counts.read + Number(read),
      failed: counts.failed + Number(failed),
    });
    if (failed) failures.set(`${tenant} ${errorCode}`, (failures.get(`${tenant} ${errorCode}`) ?? 0) + 1);
  }
  const ofDays = (counts: (row: Row) => boolean) => {
    const found = new Map<string, number>();
    for (const row of rows.list) {
      const key = `${row.tenant} ${day.format(row.firstAt)}`;
      found.set(key, (found.get(key) ?? 0) + Number(counts(row)));
    }
    return found;
  };
  const replies = ofDays(({ replied }) => replied);
  const optOuts = ofDays(({ optedOut }) => optedOut);
  const sent = new Map<string, number>();
  for (const { tenant } of rows.list) sent.set(tenant, (sent.get(tenant) ?? 0) + 1);
  const { list, accepted, answers, doubtful, direct } = rows;
  return { days, failures, replies, optOuts, answers, doubtful, direct, sent, rows: list, accepted };
}

function rowsOf(text: string, tenantOf: (phoneNumberId: string) => string) {
  const rows = new Map<string, Row>();
  const byWamid = new Map<string, Attempt>();
  const written: Told[] = [];
  const direct = new Map<string, { failed: boolean; delivered: boolean }>();
  const directs = new Map<string, { failed: boolean; delivered: boolean }>();
  let accepted = 0;
  for (const line of text.split("\n").filter(Boolean)) {
    const told = JSON.parse(line) as Told;
    const { event, wamid, at, phoneNumberId = "", opaqueId, errorCode, to = "" } = told;
    if (event === "replied") written.push(told);
    if (event === "accepted") {
      accepted++;
      const read = readOpaqueId(opaqueId);
      if (read?.kind === "m") {
        const one = { failed: false, delivered: false };
        direct.set(read.id, one);
        directs.set(wamid, one);
      }
      if (read?.kind !== "b" && read?.kind !== "d") continue; // of no campaign
      const name = `${read.kind}:${read.id}`;
      const row = rows.get(name) ?? {
        id: read.id,
        tenant: tenantOf(phoneNumberId),
        kind: read.kind === "d" ? "drip" : "bulk",
        firstAt: new Date(at),
        wamid,
        delivered: false,
        read: false,
        errorCode: undefined,
        replied: false,
        optedOut: false,
      };
      rows.set(name, Object.assign(row, { wamid, errorCode: undefined })); // another attempt: what failed before was tried again
      byWamid.set(wamid, { row, to, at: Date.parse(at), failed: false });
    }
    const answer = directs.get(wamid);
    if (answer !== undefined) {
      answer.failed ||= event === "failed";
      answer.delivered ||= event === "delivered" || event === "read";
    }
    const attempt = byWamid.get(wamid);
    if (attempt === undefined) continue;
    const { row } = attempt;
    attempt.failed ||= event === "failed";
    if (event === "delivered" || event === "read") row.delivered = true;
    if (event === "read") row.read = true;
    if (event === "failed" && row.wamid === wamid) row.errorCode = String(errorCode);
  }
  const answers: Answer[] = [];
  let doubtful = 0;
  for (const told of written) {
    const tenant = tenantOf(told.phoneNumberId ?? "");
    const { row, other } = directs.has(told.contextId ?? "") ? NOBODYS : answered(told, byWamid, tenant);
    if (other !== undefined) doubtful++;
    if (STOPS.includes(told.text ?? "")) {
      if (row !== undefined) row.optedOut = true;
      continue;
    }
    if (row !== undefined) row.replied = true;
    const at = Math.floor(Date.parse(told.at) / 1_000) * 1_000;
    answers.push({ tenant, from: told.from ?? "", at, answers: row !== undefined });
  }
  return { list: [...rows.values()], accepted, answers, doubtful, direct };
}

const STOPS = ["STOP", "afmelden"];
const WEEK = 7 * 86_400_000;

interface Answered {
  row: Row | undefined;
  /** which may be meant as well: of the same second */
  other: Row | undefined;
}

const NOBODYS: Answered = { row: undefined, other: undefined };

/** What is written belongs to what it quotes, else to the last message of 7 days that did not fail. */
function answered(told: Told, byWamid: ReadonlyMap<string, Attempt>, tenant: string): Answered {
  const quoted = byWamid.get(told.contextId ?? "");
  if (quoted !== undefined) return { row: quoted.row, other: undefined };
  const at = Date.parse(told.at);
  const isLate = (one: Attempt) => one.at >= at + 1_000 || one.at < at - WEEK;
  const [last, before] = [...byWamid.values()]
    .filter((one) => one.row.tenant === tenant && one.to === told.from && !one.failed && !isLate(one))
    .sort((a, b) => b.at - a.at);
  const isDoubtful = last !== undefined && before !== undefined && last.at - before.at < 1_000;
  return { row: last?.row, other: isDoubtful && before.row !== last.row ? before.row : undefined };
}
