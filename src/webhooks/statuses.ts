import { UNDELIVERABLE } from "../sending/error-codes.ts";
import type { Kind } from "../sending/kind.ts";
import { actionOf } from "../sending/outcomes.ts";
import { readOpaqueId } from "../sending/render.ts";
import {
  BSUID,
  itemsOf,
  type Json,
  list,
  MESSAGE_ID,
  matching,
  plain,
  record,
  secondsOf,
  type Unread,
} from "./shapes.ts";

/** One status of one message, as a webhook body tells it (reference §5.4). */
export interface Status {
  phoneNumberId: string;
  wamid: string;
  status: "sent" | "delivered" | "read" | "failed";
  at: Date;
  /** a broadcast's job, a drip's log, or a direct message */
  jobId: string | null;
  attempt: number | null;
  /** what `jobId` is; null: not told */
  kind: Kind | null;
  /** the recipient's user id, who may show no phone (reference §9); null: not told, or a group */
  bsuid: string | null;
  errorCode: string | null;
  error: string | null;
  pricing: object | null;
  optedOut: boolean;
  undeliverable: boolean;
}

/** `played` is a voice note that was read; `accepted` and words we do not know change nothing. */
const KNOWN: ReadonlyMap<unknown, Status["status"]> = new Map([
  ["sent", "sent"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["played", "read"],
  ["failed", "failed"],
]);

/** `value.statuses[]` of a change of the field `messages`; one without a message id may be an error of the number (errorsOf). */
export function statusesOf(phoneNumberId: string, value: Json): (Status | Unread)[] {
  return itemsOf(value.statuses).flatMap((status) => readStatus(phoneNumberId, record(status)));
}

function readStatus(phoneNumberId: string, raw: Json | undefined): (Status | Unread)[] {
  if (typeof raw?.status !== "string") return ["a status that says nothing"];
  const status = KNOWN.get(raw.status);
  if (status === undefined) return [];
  const seconds = secondsOf(raw.timestamp);
  const wamid = matching(MESSAGE_ID, raw.id);
  if (wamid === undefined) return list(raw.errors).length > 0 ? [] : ["a status of no message"];
  if (seconds === undefined) return ["a status of no time"];
  const ours = readOpaqueId(raw.biz_opaque_callback_data);
  const fault = status === "failed" ? record(list(raw.errors)[0]) : undefined;
  const code = Number.isSafeInteger(fault?.code) ? (fault?.code as number) : null;
  return [
    {
      phoneNumberId,
      wamid,
      status,
      at: new Date(seconds * 1000),
      jobId: ours?.id ?? null,
      attempt: ours?.attempt ?? null,
      kind: ours?.kind ?? null,
      bsuid: raw.recipient_type === "group" ? null : (matching(BSUID, raw.recipient_user_id) ?? null),
      errorCode: code === null ? null : String(code),
      error: plain(record(fault?.error_data)?.details) ?? plain(fault?.title) ?? plain(fault?.message),
      pricing: pricingOf(record(raw.pricing)),
      optedOut:
        code !== null &&
        actionOf({ code, subcode: null, httpStatus: 400, transient: false, details: "" }) === "OPT_OUT",
      undeliverable: code === UNDELIVERABLE,
    },
  ];
}

/** The fields that the reference knows (§5.4): whatever else it holds, or however deep, stays in the raw body. */
function pricingOf(raw: Json | undefined): object | null {
  if (raw === undefined) return null;
  const texts = ["pricing_model", "type", "category"].map((key) => [key, plain(raw[key])] as const);
  const known = texts.filter(([, value]) => value !== null);
  return {
    ...(typeof raw.billable === "boolean" ? { billable: raw.billable } : {}),
    ...Object.fromEntries(known),
  };
}
