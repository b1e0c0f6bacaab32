import { type Inbound, messagesOf, preferencesOf } from "./inbound.ts";
import { errorsOf, isOfAccounts, type Notice, noticeOf } from "./notices.ts";
import { idOf, type Json, list, matching, NUMBER_ID, record, secondsOf, type Unread } from "./shapes.ts";
import { type Status, statusesOf } from "./statuses.ts";

/** What one webhook body tells. */
export interface Told {
  statuses: Status[];
  inbound: Inbound[];
  /** of accounts, numbers and templates */
  notices: Notice[];
  /** how numbers are shown, by phone number id: digits */
  shown: Map<string, string>;
  /** what is of a kind that we know, and cannot be read: it names no person, message, time, number or account */
  unread: string[];
}

/** Fields that are about a number, which alone says whose they are. */
const OF_NUMBERS: ReadonlySet<unknown> = new Set(["messages", "user_preferences"]);

/**
 * Reads a body; fields and kinds that are not known are passed over, since the raw body is kept.
 * @throws Error saying why the body cannot be understood at all
 */
export function readBody(body: string): Told {
  const told: Told = { statuses: [], inbound: [], notices: [], shown: new Map(), unread: [] };
  for (const change of changesOf(body)) {
    const { account, field, phoneNumberId, value, at } = change;
    if (phoneNumberId !== undefined) tellOfNumber(told, change, phoneNumberId);
    else if (OF_NUMBERS.has(field)) told.unread.push(`"${field}" of no number`);
    const notice = noticeOf(account, field, value, at);
    if (notice !== undefined) told.notices.push(notice);
    else if (isOfAccounts(field)) told.unread.push(`"${field}" of no account`);
  }
  return told;
}

function tellOfNumber(told: Told, { account, field, value, at }: Change, phoneNumberId: string): void {
  const shown = matching(/^\+?\d{5,20}$/, record(value.metadata)?.display_phone_number);
  if (shown !== undefined) told.shown.set(phoneNumberId, shown.replace("+", ""));
  if (field === "user_preferences") take(told.inbound, preferencesOf(phoneNumberId, value), told.unread);
  if (field !== "messages") return;
  take(told.statuses, statusesOf(phoneNumberId, value), told.unread);
  take(told.inbound, messagesOf(phoneNumberId, value), told.unread);
  told.notices.push(...errorsOf(account, phoneNumberId, value, at));
}

function take<Of extends object>(into: Of[], read: readonly (Of | Unread)[], unread: string[]): void {
  for (const one of read) {
    if (typeof one === "string") unread.push(one);
    else into.push(one);
  }
}

/** The statuses of a body alone. @throws Error as readBody */
export function readStatuses(body: string): Status[] {
  return readBody(body).statuses;
}

/** A body as it is kept and read: PostgreSQL takes no NUL. Who may have signed it is judged by this text, and not by another. */
export function textOf(bytes: Buffer): string {
  return bytes.toString("utf8").replaceAll("\u0000", "");
}

/** One change of an entry, which is about a number or else about the account. */
export interface Change {
  /** the WhatsApp Business Account that it tells of */
  account: unknown;
  field: unknown;
  /** webhooks about accounts and templates have none */
  phoneNumberId: string | undefined;
  at: Date | null;
  value: Json;
}

/** @throws Error saying why the body cannot be understood at all */
export function changesOf(body: string): Change[] {
  const json = record(parse(body));
  if (json?.object !== "whatsapp_business_account")
    throw new Error('not a WhatsApp webhook: "object" is not "whatsapp_business_account"');
  if (!Array.isArray(json.entry)) throw new Error('not a WhatsApp webhook: "entry" is not a list');
  return json.entry
    .map((entry) => record(entry) ?? {})
    .flatMap((entry) => list(entry.changes).map((raw) => ({ entry, change: record(raw) })))
    .map(({ entry, change }) => {
      const value = record(change?.value) ?? {};
      const phoneNumberId = idOf(NUMBER_ID, record(value.metadata)?.phone_number_id);
      const seconds = secondsOf(entry.time);
      const at = seconds === undefined ? null : new Date(seconds * 1000);
      return { account: accountOf(entry, value), field: change?.field, phoneNumberId, value, at };
    });
}

/** News of partners (PARTNER_REMOVED …) has the partner's business as its entry, and names the account inside (Meta's page "account_update"). */
function accountOf(entry: Json, value: Json): unknown {
  return record(value.waba_info)?.waba_id ?? entry.id;
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new Error(`not JSON: ${(error as Error).message}`.slice(0, 200));
  }
}
