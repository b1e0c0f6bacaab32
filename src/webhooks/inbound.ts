import { type Consent, consentOfPayload, consentOfText } from "./opt-out.ts";
import {
  BSUID,
  bounded,
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

/** What one person sent, or told Meta about marketing (reference §5.5, §5.6). */
export interface Inbound {
  phoneNumberId: string;
  wamid: string;
  at: Date;
  /** E.164; a person with a username may have none that we see (reference §9) */
  phone: string | null;
  bsuid: string | null;
  firstName: string | null;
  lastName: string | null;
  type: string;
  body: string | null;
  payload: object;
  /** the message that it answers */
  contextId: string | null;
  /** Meta's 24 hours: every message of a user (reference §4); a reaction, an edit, news of a number are none */
  opensWindow: boolean;
  /** whoever is not known becomes a contact */
  makesContact: boolean;
  consent: Consent | null;
  /** the person's new number, or new user id; null: it is no news of that */
  moved: Moved | null;
}

/** E.164 and business-scoped user id; null: not told. */
export interface Moved {
  phone: string | null;
  bsuid: string | null;
}

interface Content {
  body: string | null;
  consent: Consent | null;
}

const WA_ID = /^\+?[1-9]\d{6,14}$/;
const LONGEST_BODY = 4_096;

const said = (value: unknown): string | null => plain(value, LONGEST_BODY);
const silent = (value?: unknown): Content => ({ body: said(value), consent: null });
const spoken = (text: unknown): Content => ({ body: said(text), consent: consentOfText(said(text)) });
const captioned = ({ caption, filename }: Json): Content =>
  typeof caption === "string" ? spoken(caption) : silent(filename);
const tapped = (payload: unknown, text: unknown): Content => ({
  body: said(text),
  consent: consentOfPayload(payload) ?? consentOfText(said(text)),
});

/** A template's button may say in its payload alone what it is for: "Stop promotions" (reference §8). */
function readButton({ payload, text }: Json): Content {
  const read = tapped(payload, text);
  const meant = consentOfText(said(payload));
  return { ...read, consent: read.consent ?? (meant?.says === "opt_out" ? meant : null) };
}

/** The kinds that we know, each with what a person would read of it; `part` is the field named like the kind. */
const KINDS: ReadonlyMap<unknown, (part: Json) => Content> = new Map<unknown, (part: Json) => Content>([
  ["text", ({ body }) => spoken(body)],
  ["button", readButton],
  ["interactive", readInteractive],
  ["image", captioned],
  ["video", captioned],
  ["document", captioned],
  ["audio", captioned],
  ["sticker", captioned],
  ["reaction", ({ emoji }) => silent(emoji)],
  ["location", ({ name, address }) => silent(name ?? address)],
  ["order", ({ text }) => silent(text)],
  ["contacts", ({ names }) => silent(names)],
  ["edit", readEdit],
  ["revoke", () => silent()],
  ["system", ({ body }) => silent(body)],
]);

/** A poll or another thing that Meta cannot show is a message of a person all the same; what we do not know may be none. */
const UNSHOWN: ReadonlySet<unknown> = new Set(["unsupported", "unknown"]);
const NO_MESSAGES: ReadonlySet<unknown> = new Set(["reaction", "system", "edit", "revoke"]);

function readInteractive(part: Json): Content {
  const reply = record(part.button_reply) ?? record(part.list_reply);
  return reply === undefined ? silent(record(part.nfm_reply)?.body) : tapped(reply.id, reply.title);
}

/** What a message says now. Somebody who makes a STOP of it means it; a STOP that is taken back was said all the same. */
function readEdit({ message }: Json): Content {
  const edited = record(message) ?? {};
  const { body, consent } = edited.type === "edit" ? silent() : contentOf(edited);
  return { body, consent: consent?.says === "opt_in" ? null : consent };
}

function contentOf(raw: Json): Content {
  const part = raw.type === "contacts" ? { names: namesOf(raw.contacts) } : record(raw[raw.type as string]);
  return KINDS.get(raw.type)?.(part ?? {}) ?? silent();
}

/** Of the contacts that a person shares. */
function namesOf(shared: unknown): string {
  const names = list(shared).map((contact) => plain(record(record(contact)?.name)?.formatted_name, 200));
  return names.filter((name) => name !== null).join(", ");
}

/** `value.messages[]` of a change of the field `messages`. */
export function messagesOf(phoneNumberId: string, value: Json): (Inbound | Unread)[] {
  return itemsOf(value.messages).map((message) => readMessage(phoneNumberId, value, record(message) ?? {}));
}

function readMessage(phoneNumberId: string, value: Json, raw: Json): Inbound | Unread {
  const wamid = matching(MESSAGE_ID, raw.id);
  const seconds = secondsOf(raw.timestamp);
  const person = personOf(value, raw.from, raw.from_user_id);
  if (wamid === undefined) return "a message of no id";
  if (seconds === undefined) return "a message of no time";
  if (person === undefined) return "a message of nobody";
  const isKnown = KINDS.has(raw.type);
  const { body, consent } = contentOf(raw);
  const inGroup = typeof raw.group_id === "string";
  return {
    phoneNumberId,
    wamid,
    at: new Date(seconds * 1000),
    ...person,
    type: isKnown ? (raw.type as string) : "unsupported",
    body,
    payload: bounded(raw),
    contextId: matching(MESSAGE_ID, record(raw.context)?.id) ?? null,
    opensWindow: !inGroup && (isKnown ? !NO_MESSAGES.has(raw.type) : UNSHOWN.has(raw.type)),
    makesContact: raw.type !== "system",
    consent: inGroup && consent?.says === "opt_in" ? null : consent, // to the group, not to us
    moved: raw.type === "system" ? movedTo(record(raw.system) ?? {}) : null,
  };
}

const MOVES = /^(user_changed_number|customer_changed_number|user_changed_user_id)$/;

/** A new number comes as `wa_id`, formerly as `new_wa_id`; with a username as `user_id`. */
function movedTo(system: Json): Moved | null {
  if (typeof system.type !== "string" || !MOVES.test(system.type)) return null;
  const digits = matching(WA_ID, system.wa_id) ?? matching(WA_ID, system.new_wa_id);
  const bsuid = matching(BSUID, system.user_id) ?? null;
  return digits === undefined && bsuid === null ? null : { phone: phoneOf(digits), bsuid };
}

function phoneOf(digits: string | undefined): string | null {
  return digits === undefined ? null : `+${digits.replace("+", "")}`;
}

const PREFERENCES: ReadonlyMap<unknown, Consent["says"]> = new Map<unknown, Consent["says"]>([
  ["stop", "opt_out"],
  ["resume", "opt_in"],
]);

/** `value.user_preferences[]`: kept as a message of the kind `system`, under an id made of what makes it one (reference §5.3). */
export function preferencesOf(phoneNumberId: string, value: Json): (Inbound | Unread)[] {
  return itemsOf(value.user_preferences).flatMap((preference): (Inbound | Unread)[] => {
    const raw = record(preference) ?? {};
    const says = PREFERENCES.get(raw.value);
    const seconds = secondsOf(raw.timestamp);
    const person = personOf(value, raw.wa_id, raw.user_id);
    const isOther = raw.category !== undefined && raw.category !== "marketing_messages";
    if (says === undefined || (isOther && says === "opt_in")) return [];
    if (person === undefined) return ["a preference of nobody"];
    if (seconds === undefined) return ["a preference of no time"];
    return [
      {
        phoneNumberId,
        wamid: `preference:${person.phone ?? person.bsuid}:${raw.value}:${seconds}`,
        at: new Date(seconds * 1000),
        ...person,
        type: "system",
        body: said(raw.detail) ?? (raw.value as string),
        payload: bounded(raw),
        contextId: null,
        opensWindow: false,
        makesContact: true,
        consent: { says, risky: false },
        moved: null,
      },
    ];
  });
}

type Person = Pick<Inbound, "phone" | "bsuid" | "firstName" | "lastName">;

/** Who it is, by one address or both; `value.contacts[]` may know the other one, and the name. */
function personOf(value: Json, waId: unknown, userId: unknown): Person | undefined {
  const from = matching(WA_ID, waId);
  const user = matching(BSUID, userId);
  const profile = list(value.contacts)
    .map((contact) => record(contact) ?? {})
    .find(
      (contact) =>
        (from !== undefined && contact.wa_id === waId) || (user !== undefined && contact.user_id === userId),
    );
  const digits = from ?? (user === undefined ? undefined : matching(WA_ID, profile?.wa_id));
  const bsuid = user ?? (from === undefined ? undefined : matching(BSUID, profile?.user_id));
  if (digits === undefined && bsuid === undefined) return undefined;
  const [, firstName, lastName] =
    /^(\S+)\s*(.*)$/s.exec((plain(record(profile?.profile)?.name, 200) ?? "").trim()) ?? [];
  return {
    phone: phoneOf(digits),
    bsuid: bsuid ?? null,
    firstName: firstName ?? null,
    lastName: lastName || null,
  };
}
