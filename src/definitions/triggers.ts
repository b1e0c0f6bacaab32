import { z } from "zod";
import { strictObject } from "./strict.ts";

export const LONGEST_TAG = 100;
export const LONGEST_EVENT_NAME = 200;

export const tagName = z.string().trim().min(1, "is empty").max(LONGEST_TAG);
export const eventName = z.string().trim().min(1, "is empty").max(LONGEST_EVENT_NAME);

const where = z
  .record(
    z.string(),
    z.unknown().refine((value) => value !== null, "write text, a number, true or false, or a group of those"),
  )
  .optional()
  .describe("fields of the event's data, and what they have to be");

const manual = strictObject({ type: z.literal("manual") });
const contactCreated = strictObject({ type: z.literal("contact_created") });
const tagAdded = strictObject({ type: z.literal("tag_added"), tag: tagName });
const customEvent = strictObject({ type: z.literal("custom_event"), event: eventName, where });
const api = strictObject({ type: z.literal("api"), event: eventName });
const messageReceived = strictObject({ type: z.literal("message_received") });

/** What lets people into a drip. Without its tag, as the source document's SQL makes one, it never fires. */
export const dripTriggers = z.discriminatedUnion("type", [
  manual,
  contactCreated,
  tagAdded.partial({ tag: true }),
  customEvent,
  api,
]);

/** What sets a rule off. */
export const ruleTriggers = z.discriminatedUnion("type", [
  contactCreated,
  tagAdded,
  customEvent,
  messageReceived,
]);

type DripTriggerType = z.infer<typeof dripTriggers>["type"];

export const DRIP_TRIGGERS: readonly string[] = dripTriggers.options.map(({ shape }) => shape.type.value);

interface Words {
  /** who enters, as `drip create` asks */
  who: string;
  /** by which command, or whose request */
  by?: string;
  /** when somebody enters, as `explain` says it @param name the tag's or the event's */
  enters(name: string | undefined): string;
}

/** In the order of the schema. */
export const WORDS: Readonly<Record<DripTriggerType, Words>> = {
  manual: {
    who: "whom you enroll",
    by: "adsapp drip enroll, and rules",
    enters: () => "somebody has to let it in (adsapp drip enroll)",
  },
  contact_created: { who: "every new contact", enters: () => "it enters when it becomes a contact" },
  tag_added: { who: "who gets a tag", enters: (tag) => `it enters when it gets the tag ${tag}` },
  custom_event: {
    who: "to whom something happens",
    by: "adsapp event emit",
    enters: (event) => `it enters with the event ${event}`,
  },
  api: {
    who: "whom another program tells of",
    by: "POST /events of adsapp webhook serve",
    enters: (event) => `it enters when a program tells of ${event} (type api)`,
  },
};

/** A trigger as any part of the program may have it: from a file, or from the columns `trigger_type` and `trigger_config`. */
export interface AnyTrigger {
  type: string;
  tag?: string;
  event?: string;
  where?: object;
}

/** `tag_added leads`, `custom_event purchased {"shop":"nl"}` */
export function triggerWords({ type, tag, event, where: asks }: AnyTrigger): string {
  return [type, tag ?? event, asks === undefined ? undefined : JSON.stringify(asks)]
    .filter((part) => part !== undefined)
    .join(" ");
}

/** When somebody enters a drip of this trigger. A type of another version lets nobody in by itself. */
export function entryWords({ type, tag, event }: AnyTrigger): string {
  const words = type in WORDS ? WORDS[type as DripTriggerType] : WORDS.manual;
  const name = tag ?? event;
  return name === undefined && type === "tag_added" ? WORDS.manual.enters(name) : words.enters(name);
}
