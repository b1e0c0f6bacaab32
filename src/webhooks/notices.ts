import {
  bounded,
  idOf,
  type Json,
  list,
  MESSAGE_ID,
  matching,
  NUMBER_ID,
  plain,
  record,
  secondsOf,
} from "./shapes.ts";

/** What Meta tells of an account, a number or a template (reference §5.6). */
export interface Notice {
  wabaId: string;
  /** of account errors beside no message */
  phoneNumberId: string | null;
  /** digits */
  toldPhone: string | null;
  field: string;
  event: string;
  /** as a person reads it */
  message: string;
  details: Json;
  /** null: not told */
  at: Date | null;
  /** of an error of the number, beside no message that we know */
  errorCode: number | null;
  /** the account's senders may not start conversations any more */
  halts: boolean;
  quality: string | null;
  verifiedName: string | null;
  /** unique people in 24 hours, null: unlimited; undefined: not told */
  messagingLimit?: number | null;
  template?: TemplateNews;
}

/** By name and language: the id may pass 2^53, where JSON.parse rounds it. */
export interface TemplateNews {
  name: string;
  language: string;
  status: string | null;
  reason: string | null;
  quality: string | null;
  category: string | null;
  /** its components changed at Meta */
  isStale: boolean;
}

type Part = Partial<Notice> & Pick<Notice, "event" | "message">;
type Reader = (value: Json) => Part;

const text = (value: unknown): string | null => plain(value, 300) || null;
const joined = (...parts: (string | null | undefined)[]): string => parts.filter((part) => part).join(" ");

const READERS: ReadonlyMap<unknown, Reader> = new Map<unknown, Reader>([
  ["message_template_status_update", readTemplateStatus],
  [
    "message_template_quality_update",
    (value) => ofTemplate(value, { quality: text(value.new_quality_score) }),
  ],
  ["template_category_update", readCategory],
  ["message_template_components_update", (value) => ofTemplate(value, { isStale: true })],
  ["phone_number_quality_update", readNumber],
  ["phone_number_name_update", readName],
  ["business_capability_update", readCapability],
  ["account_update", readAccount],
  ["account_review_update", (value) => plainly("review", text(value.decision))],
  [
    "account_alerts",
    (value) => {
      const alert = record(value.alert_info) ?? value;
      return plainly(text(alert.alert_type), text(alert.alert_severity), text(alert.alert_description));
    },
  ],
  ["security", (value) => plainly(text(value.event), text(value.display_phone_number))],
]);

function plainly(event: string | null, ...words: (string | null)[]): Part {
  return { event: event ?? "unknown", message: joined(event, ...words) || "no details" };
}

/** Does the field tell of an account or what it has, whatever number stands beside it? */
export function isOfAccounts(field: unknown): boolean {
  return READERS.has(field);
}

/** One change of a body; undefined: a field that is not about accounts, or that we do not know, or an account without an id. */
export function noticeOf(wabaId: unknown, field: unknown, value: Json, at: Date | null): Notice | undefined {
  const account = idOf(NUMBER_ID, wabaId);
  const read = READERS.get(field);
  if (account === undefined || read === undefined) return undefined;
  const { message_template_id: _, ...details } = bounded(value);
  return { ...NOTHING, ...read(value), wabaId: account, field: field as string, details, at };
}

const NOTHING = {
  phoneNumberId: null,
  toldPhone: null,
  errorCode: null,
  halts: false,
  quality: null,
  verifiedName: null,
};

/** `value.errors[]` beside neither messages nor statuses, and of statuses that name no message: errors of the number or its account. */
export function errorsOf(wabaId: unknown, phoneNumberId: string, value: Json, at: Date | null): Notice[] {
  const account = idOf(NUMBER_ID, wabaId);
  if (account === undefined) return [];
  const ofStatuses = list(value.statuses).flatMap((raw) => {
    const status = record(raw) ?? {};
    const seconds = secondsOf(status.timestamp);
    const when = seconds === undefined ? at : new Date(seconds * 1000);
    return matching(MESSAGE_ID, status.id) === undefined
      ? list(status.errors).map((error) => ({ error, at: when }))
      : [];
  });
  return [...list(value.errors).map((error) => ({ error, at })), ...ofStatuses].flatMap(({ error, at }) => {
    const read = record(error);
    return read === undefined ? [] : [errorOf(read, { wabaId: account, phoneNumberId, at })];
  });
}

function errorOf(error: Json, of: Pick<Notice, "wabaId" | "phoneNumberId" | "at">): Notice {
  const errorCode = Number.isSafeInteger(error.code) ? (error.code as number) : null;
  const why = text(record(error.error_data)?.details) ?? text(error.title) ?? text(error.message);
  const said = String(errorCode ?? "unknown");
  const part = { event: `error ${said}`, message: joined(said, why), details: bounded(error) };
  return { ...NOTHING, ...part, ...of, field: "messages", errorCode };
}

/** FLAGGED is about quality, and it still sends. */
const STATUSES: ReadonlyMap<unknown, string | null> = new Map<unknown, string | null>([
  ["FLAGGED", null],
  ["REINSTATED", "APPROVED"],
  ["UNARCHIVED", "APPROVED"],
]);
const NOT_SENT: ReadonlySet<unknown> = new Set(["PAUSED", "DISABLED", "REJECTED", "DELETED", "ARCHIVED"]);

/** Does Meta send a template of this status no more? */
export function isSentNoMore(status: string | null): boolean {
  return NOT_SENT.has(status);
}

function readTemplateStatus(value: Json): Part {
  const event = text(value.event) ?? "unknown";
  const title = text(record(value.other_info)?.title);
  const reason = joined(text(value.reason) === "NONE" ? null : text(value.reason), title) || null;
  const named = STATUSES.get(event);
  const status =
    title === "UNPAUSE" ? "APPROVED" : named === undefined ? matching(/^[A-Z_]{1,50}$/, event) : named;
  return { ...ofTemplate(value, { status: status ?? null, reason }, event, reason), event };
}

function readCategory(value: Json): Part {
  const category = matching(/^(MARKETING|UTILITY|AUTHENTICATION)$/, value.new_category) ?? null;
  return ofTemplate(value, { category });
}

function ofTemplate(value: Json, news: Partial<TemplateNews>, event?: string, reason?: string | null): Part {
  const name = text(value.message_template_name);
  const language = text(value.message_template_language)?.replaceAll("-", "_") ?? "";
  const what = news.isStale === true ? "components changed: adsapp template sync" : null;
  const said = event ?? news.quality ?? news.category ?? what ?? "unknown";
  const unknown = { status: null, reason: null, quality: null, category: null, isStale: false };
  return {
    event: event ?? (news.isStale === true ? "COMPONENTS" : said),
    message: joined(`template "${name ?? ""}" (${language}):`, said, reason),
    ...(name === null ? {} : { template: { name, language, ...unknown, ...news } }),
  };
}

function readNumber(value: Json): Part {
  const event = text(value.event) ?? "unknown";
  return {
    ...ofNumber(value, event, text(value.current_limit)),
    quality: event,
    ...limitOf(value.max_daily_conversations_per_business ?? value.current_limit),
  };
}

function readName(value: Json): Part {
  const [decision, name] = [text(value.decision) ?? "unknown", text(value.requested_verified_name)];
  const verified = decision === "APPROVED" ? { verifiedName: name } : {};
  return { ...ofNumber(value, decision, `name "${name ?? ""}"`, text(value.rejection_reason)), ...verified };
}

function ofNumber(value: Json, event: string, ...words: (string | null)[]): Part {
  const shown = text(value.display_phone_number)?.replace(/\D/g, "") ?? "";
  return {
    event,
    message: joined(`number ${shown}:`, event, ...words),
    toldPhone: matching(/^\d{5,20}$/, shown) ?? null,
  };
}

function readCapability(value: Json): Part {
  const raw = value.max_daily_conversations_per_business ?? value.max_daily_conversation_per_phone;
  const limit = limitOf(raw);
  const people =
    limit.messagingLimit === null ? "unlimited" : `${limit.messagingLimit ?? "unknown"} people in 24 hours`;
  return { event: "messaging limit", message: `messaging limit: ${people}`, ...limit };
}

/** "TIER_2K", "2000" or 2000; -1 and TIER_UNLIMITED are none (reference §5.6). */
function limitOf(raw: unknown): Pick<Notice, "messagingLimit"> {
  if (raw === -1 || raw === "-1" || raw === "TIER_UNLIMITED") return { messagingLimit: null };
  const match = /^(?:TIER_)?([1-9]\d{0,8})(K?)$/.exec(String(raw));
  return match === null
    ? {}
    : { messagingLimit: Math.min(Number(match[1]) * (match[2] === "K" ? 1_000 : 1), 2_000_000_000) };
}

const GONE: ReadonlySet<unknown> = new Set(["ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED", "PARTNER_REMOVED"]);

function readAccount(value: Json): Part {
  const event = text(value.event) ?? "unknown";
  const ban = record(value.ban_info);
  const state = text(ban?.waba_ban_state);
  const kinds = list(value.restriction_info).map((info) => text(record(info)?.restriction_type));
  const violation = text(record(value.violation_info)?.violation_type);
  return {
    ...plainly(event, state, text(ban?.waba_ban_date), joined(...kinds), violation),
    halts:
      GONE.has(event) ||
      (event === "DISABLED_UPDATE" && state !== "REINSTATE") ||
      (event === "ACCOUNT_RESTRICTION" && kinds.some((kind) => kind?.includes("BIZ_INITIATED") === true)),
  };
}
