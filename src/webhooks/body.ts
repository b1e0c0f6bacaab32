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
const KNOWN: Record<string, Status["status"]> = {
  sent: "sent",
  delivered: "delivered",
  read: "read",
  played: "read",
  failed: "failed",
};

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
      const phoneNumberId = record(value?.metadata)?.phone_number_id;
      if (record(change)?.field !== "messages" || typeof phoneNumberId !== "string") return [];
      return list(value?.statuses).flatMap((status) => readStatus(phoneNumberId, record(status) ?? {}));
    }),
  );
}

function readStatus(phoneNumberId: string, raw: Record<string, unknown>): Status[] {
  const status = KNOWN[String(raw.status)];
  const seconds = Number(raw.timestamp);
  if (status === undefined || typeof raw.id !== "string" || raw.id === "" || !(seconds > 0 && seconds < 1e11))
    return [];
  const ours = readOpaqueId(raw.biz_opaque_callback_data);
  const fault = status === "failed" ? record(list(raw.errors)[0]) : undefined;
  const code = typeof fault?.code === "number" ? fault.code : null;
  return [
    {
      phoneNumberId,
      wamid: raw.id,
      status,
      at: new Date(seconds * 1000),
      jobId: ours?.jobId ?? null,
      attempt: ours?.attempt ?? null,
      errorCode: code === null ? null : String(code),
      error:
        fault === undefined ? null : plain(record(fault.error_data)?.details ?? fault.title ?? fault.message),
      pricing: record(raw.pricing) ?? null,
      optedOut:
        code !== null &&
        actionOf({ code, subcode: null, httpStatus: 400, transient: false, details: "" }) === "OPT_OUT",
      undeliverable: code === UNDELIVERABLE,
    },
  ];
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

/** PostgreSQL refuses NUL in text. */
function plain(value: unknown): string | null {
  return value === undefined || value === null ? null : String(value).replaceAll("\u0000", "").slice(0, 500);
}
