import { actionOf } from "../sending/outcomes.ts";
import { readOpaqueId } from "../sending/render.ts";

/** One status of one message, as a webhook body tells it (reference §5.4). */
export interface Status {
  phoneNumberId: string;
  wamid: string;
  status: "sent" | "delivered" | "read" | "failed";
  at: Date;
  jobId: string | null;
  attempt: number | null;
  errorCode: string | null;
  error: string | null;
  pricing: object | null;
  optedOut: boolean;
  undeliverable: boolean;
}

const UNDELIVERABLE = 131026;
/** `played` is a voice note that was read; `accepted` and words we do not know change nothing. */
const KNOWN: ReadonlyMap<unknown, Status["status"]> = new Map([
  ["sent", "sent"],
  ["delivered", "delivered"],
  ["read", "read"],
  ["played", "read"],
  ["failed", "failed"],
]);
/** Printable and short enough for an index; Meta's message ids have some sixty characters. */
const MESSAGE_ID = /^[\x21-\x7e]{1,512}$/;
const NUMBER_ID = /^\d{1,32}$/;

/**
 * The statuses of a body; fields and kinds that are not known are passed over, since the raw body is kept.
 * @throws Error saying why the body cannot be understood at all
 */
export function readStatuses(body: string): Status[] {
  const json = record(parse(body));
  if (json?.object !== "whatsapp_business_account")
    throw new Error('not a WhatsApp webhook: "object" is not "whatsapp_business_account"');
  if (!Array.isArray(json.entry)) throw new Error('not a WhatsApp webhook: "entry" is not a list');
  return json.entry.flatMap((entry) =>
    list(record(entry)?.changes).flatMap((change) => {
      const value = record(record(change)?.value);
      const phoneNumberId = matching(NUMBER_ID, record(value?.metadata)?.phone_number_id);
      if (record(change)?.field !== "messages" || phoneNumberId === undefined) return [];
      return list(value?.statuses).flatMap((status) => readStatus(phoneNumberId, record(status) ?? {}));
    }),
  );
}

function readStatus(phoneNumberId: string, raw: Record<string, unknown>): Status[] {
  const status = KNOWN.get(raw.status);
  const seconds = secondsOf(raw.timestamp);
  const wamid = matching(MESSAGE_ID, raw.id);
  if (status === undefined || wamid === undefined || seconds === undefined) return [];
  const ours = readOpaqueId(raw.biz_opaque_callback_data);
  const fault = status === "failed" ? record(list(raw.errors)[0]) : undefined;
  const code = Number.isSafeInteger(fault?.code) ? (fault?.code as number) : null;
  return [
    {
      phoneNumberId,
      wamid,
      status,
      at: new Date(seconds * 1000),
      jobId: ours?.jobId ?? null,
      attempt: ours?.attempt ?? null,
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

/** Text in Meta's bodies; between 1970 and the year 5138, so that it is no count of milliseconds. */
function secondsOf(value: unknown): number | undefined {
  const seconds = typeof value === "string" || typeof value === "number" ? Number(value) : 0;
  return seconds >= 1 && seconds < 1e11 ? seconds : undefined;
}

function matching(pattern: RegExp, value: unknown): string | undefined {
  return typeof value === "string" && pattern.test(value) ? value : undefined;
}

/** The fields that the reference knows (§5.4): whatever else it holds, or however deep, stays in the raw body. */
function pricingOf(raw: Record<string, unknown> | undefined): object | null {
  if (raw === undefined) return null;
  const texts = ["pricing_model", "type", "category"].map((key) => [key, plain(raw[key])] as const);
  const known = texts.filter(([, value]) => value !== null);
  return {
    ...(typeof raw.billable === "boolean" ? { billable: raw.billable } : {}),
    ...Object.fromEntries(known),
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new Error(`not JSON: ${(error as Error).message}`.slice(0, 200));
  }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Text as PostgreSQL takes it, also inside JSON: no NUL, no half of a surrogate pair, not long. */
function plain(value: unknown): string | null {
  if (typeof value !== "string") return null;
  return value
    .slice(0, 500)
    .replaceAll("\u0000", "")
    .replace(/\p{Surrogate}/gu, "\ufffd");
}
