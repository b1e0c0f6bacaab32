import { z } from "zod";
import { strictObject } from "../definitions/strict.ts";
import { languageCode } from "./definition.ts";

const link = z
  .string()
  .regex(/^https?:\/\/[^\s{}]+$/, "write a link that is the same for everyone: https://…")
  .max(2000);
const text = z.string().min(1).max(4096);
const source = { link: link.optional(), id: z.string().min(1).optional() };
const filename = z.string().min(1).max(240).optional();

const oneSource = (value: { link?: string | undefined; id?: string | undefined }) =>
  (value.link === undefined) !== (value.id === undefined);
const ONE_SOURCE = "give one of link and id";

const media = strictObject(source).refine(oneSource, ONE_SOURCE);
const file = strictObject({ ...source, filename }).refine(oneSource, ONE_SOURCE);

const header = strictObject({
  image: media.optional(),
  video: media.optional(),
  document: file.optional(),
}).refine(
  (value) => Object.values(value).filter((each) => each !== undefined).length === 1,
  "give one of image, video and document",
);

const templateMessage = strictObject({
  type: z.literal("template"),
  template: z.string().min(1).optional(),
  content: text.optional(),
  language: languageCode.default("nl"),
  variables: z
    .record(
      z.string(),
      z.union([z.string(), z.number()]).transform((value) => String(value).trim()),
    )
    .optional(),
  header: header.optional(),
}).refine(
  (value) => (value.template === undefined) !== (value.content === undefined),
  "give the name of a template (or, as inline text, content)",
);

const textMessage = strictObject({
  type: z.literal("text"),
  text: text.optional(),
  content: text.optional(),
}).refine((value) => (value.text === undefined) !== (value.content === undefined), "give its text");

const captioned = { ...source, caption: z.string().max(1024).optional() };
const imageMessage = strictObject({ type: z.literal("image"), ...captioned }).refine(oneSource, ONE_SOURCE);
const videoMessage = strictObject({ type: z.literal("video"), ...captioned }).refine(oneSource, ONE_SOURCE);
const documentMessage = strictObject({ type: z.literal("document"), ...captioned, filename }).refine(
  oneSource,
  ONE_SOURCE,
);

const messages = [templateMessage, textMessage, imageMessage, documentMessage, videoMessage] as const;

/** The fields that one message or another has. */
export const MESSAGE_FIELDS = [...new Set(messages.flatMap(({ shape }) => Object.keys(shape)))];

/**
 * What a message is (design: formats; lengths: reference §1.2, §1.3). `type: template` with `content` and no template
 * name is inline text, as in the source document: it becomes `type: text`.
 */
export const messageSchema = z.discriminatedUnion("type", messages).transform((message) => {
  if (message.type === "text") return { type: "text" as const, text: message.text ?? message.content ?? "" };
  if (message.type !== "template") return message;
  const { content, template, ...rest } = message;
  return template === undefined ? { type: "text" as const, text: content ?? "" } : { ...rest, template };
});

export type MessageDefinition = z.infer<typeof messageSchema>;
export type TemplateMessage = Extract<MessageDefinition, { type: "template" }>;
export type MediaMessage = Exclude<MessageDefinition, { type: "template" | "text" }>;
