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
}

/** A job or a log, over all of its attempts. */
interface Row {
  tenant: string;
  kind: "bulk" | "drip";
  firstAt: Date;
  /** of the last attempt */
  wamid: string;
  delivered: boolean;
  read: boolean;
  errorCode: string | undefined;
}

export interface LogCounts {
  /** `tenant kind 2026-11-27` */
  days: Map<string, DayCounts>;
  /** `tenant code` */
  failures: Map<string, number>;
  rows: number;
  accepted: number;
}

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
    const counts = days.get(key) ?? { sent: 0, delivered: 0, read: 0, failed: 0 };
    const failed = errorCode !== undefined && !delivered;
    days.set(key, {
      sent: counts.sent + 1,
      delivered: counts.delivered + Number(delivered),
      read: counts.read + Number(read),
      failed: counts.failed + Number(failed),
    });
    if (failed) failures.set(`${tenant} ${errorCode}`, (failures.get(`${tenant} ${errorCode}`) ?? 0) + 1);
  }
  return { days, failures, rows: rows.list.length, accepted: rows.accepted };
}

function rowsOf(text: string, tenantOf: (phoneNumberId: string) => string) {
  const rows = new Map<string, Row>();
  const byWamid = new Map<string, Row>();
  let accepted = 0;
  for (const line of text.split("\n").filter(Boolean)) {
    const { event, wamid, at, phoneNumberId = "", opaqueId, errorCode } = JSON.parse(line) as Told;
    if (event === "accepted") {
      accepted++;
      const read = readOpaqueId(opaqueId);
      const name = `${read?.kind}:${read?.id}`;
      const row = rows.get(name) ?? {
        tenant: tenantOf(phoneNumberId),
        kind: read?.kind === "d" ? "drip" : "bulk",
        firstAt: new Date(at),
        wamid,
        delivered: false,
        read: false,
        errorCode: undefined,
      };
      rows.set(name, Object.assign(row, { wamid, errorCode: undefined })); // another attempt: what failed before was tried again
      byWamid.set(wamid, row);
    }
    const row = byWamid.get(wamid);
    if (row === undefined) continue;
    if (event === "delivered" || event === "read") row.delivered = true;
    if (event === "read") row.read = true;
    if (event === "failed" && row.wamid === wamid) row.errorCode = String(errorCode);
  }
  return { list: [...rows.values()], accepted };
}
