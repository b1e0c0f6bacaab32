// Webhook bodies with what people write, in the shape of the reference (§5.5).
import type { Row } from "../../src/db/database.ts";
import type { TestJob } from "../support/factories.ts";
import { NUMBER, type Setup } from "./setup.ts";

export interface MessageGiven {
  id?: string;
  from?: string;
  from_user_id?: string;
  /** Meta's are whole seconds */
  at?: Date;
  type?: string;
  /** the id of the message that it answers */
  answers?: string;
  [further: string]: unknown;
}

let made = 0;

/** A message's JSON: a text "Hallo" of a minute ago with an id of its own, unless given. */
export function messageJson({ at, answers, ...given }: MessageGiven): object {
  const type = given.type ?? "text";
  return {
    id: `wamid.IN.${++made}`,
    timestamp: String(Math.floor((at ?? minutesAgo(1)).getTime() / 1000)),
    type,
    ...(type === "text" ? { text: { body: "Hallo" } } : {}),
    ...(answers === undefined ? {} : { context: { from: "31201234567", id: answers } }),
    ...given,
  };
}

/** One body with these messages. */
export function messagesBody(
  messages: readonly MessageGiven[],
  given: { number?: string; contacts?: object[] } = {},
): string {
  return changeBody(
    "messages",
    { contacts: given.contacts, messages: messages.map(messageJson) },
    given.number,
  );
}

/** One body with a `user_preferences` change (reference §5.6). */
export function preferenceBody(preference: {
  value: string;
  wa_id?: string;
  user_id?: string;
  at: Date;
}): string {
  const { at, ...rest } = preference;
  const timestamp = Math.floor(at.getTime() / 1000);
  const detail = "User requested to stop marketing messages";
  return changeBody("user_preferences", {
    contacts: [{ wa_id: rest.wa_id, user_id: rest.user_id }],
    user_preferences: [{ detail, category: "marketing_messages", timestamp, ...rest }],
  });
}

export function changeBody(field: string, value: object, number = NUMBER): string {
  const metadata = { display_phone_number: "31201234567", phone_number_id: number };
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [
      {
        id: "102290129340398",
        changes: [{ field, value: { messaging_product: "whatsapp", metadata, ...value } }],
      },
    ],
  });
}

export const minutesAgo = (minutes: number): Date => new Date(Date.now() - minutes * 60_000);

/** As Meta tells it: without its fraction of a second. */
export const wholeSeconds = (at: Date): Date => new Date(Math.floor(at.getTime() / 1000) * 1000);

export interface Person {
  job: TestJob;
  contactId: string;
  /** as Meta's `from` has it */
  waId: string;
  /** the message that went out to them two hours ago */
  wamid: string;
}

/** People who each got a message of one broadcast, two hours ago. */
export async function messagedPeople(s: Setup, n: number): Promise<Person[]> {
  const jobs = await s.jobs({ sent: n });
  const contacts = await s.rows<{ id: string; phone: string }>(
    "select id, phone from contacts where id = any ($1)",
    [jobs.map((job) => job.contactId)],
  );
  const phones = new Map(contacts.map(({ id, phone }) => [id, phone]));
  return jobs.map((job) => ({
    job,
    contactId: job.contactId,
    waId: (phones.get(job.contactId) as string).slice(1),
    wamid: `wamid.${job.messageId}`,
  }));
}

export async function messagedPerson(s: Setup): Promise<Person> {
  return (await messagedPeople(s, 1))[0] as Person;
}

/** The numbers of the broadcast that a person got. */
export const repliesOf = (s: Setup, { job }: Person): Promise<Row> =>
  s.row(
    `select c.replies_received as replies, c.opt_outs from bulk_campaigns c
      where c.id = (select j.campaign_id from bulk_message_jobs j where j.id = $1)`,
    [job.id],
  );

/** All of them. */
export function* ordersOf<T>(facts: readonly T[]): Generator<T[]> {
  if (facts.length === 0) yield [];
  for (const [i, first] of facts.entries())
    for (const rest of ordersOf(facts.toSpliced(i, 1))) yield [first, ...rest];
}
