import { z } from "zod";
import { strictObject } from "../definitions/strict.ts";

const media = strictObject({ link: z.url().optional(), id: z.string().min(1).optional(), filename: z.string().max(240).optional() }).refine(
  (value) => (value.link === undefined) !== (value.id === undefined),
  "give one of link and id",
);

const header = strictObject({ image: media.optional(), video: media.optional(), document: media.optional() }).refine(
  (value) => Object.values(value).filter((each) => each !== undefined).length === 1,
  "give one of image, video and document",
);

const mediaMessage = <T extends "image" | "document" | "video">(type: T) =>
  strictObject({
    type: z.literal(type),
    link: z.url().optional(),
    id: z.string().min(1).optional(),
    caption: z.string().max(1024).optional(),
    filename: z.string().max(240).optional(),
  }).refine((value) => (value.link === undefined) !== (value.id === undefined), "give one of link and id");

const templateMessage = strictObject({
  type: z.literal("template"),
  template: z.string().optional(),
  content: z.string().min(1).max(4096).optional(),
  language: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, "write a language code such as nl or en_US").default("nl"),
  variables: z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).optional(),
  header: header.optional(),
}).refine((value) => (value.template === undefined) !== (value.content === undefined), "give the name of a template (or, as inline text, content)");

const textMessage = strictObject({
  type: z.literal("text"),
  text: z.string().min(1).max(4096).optional(),
  content: z.string().min(1).max(4096).optional(),
}).refine((value) => (value.text === undefined) !== (value.content === undefined), "give the text");

/**
 * What a message is (design: formats). `type: template` with `content` and no template name is inline text, as in the
 * source document: it becomes `type: text`.
 */
export const messageSchema = z
  .discriminatedUnion("type", [templateMessage, textMessage, mediaMessage("image"), mediaMessage("document"), mediaMessage("video")])
  .transform((message) => {
    if (message.type === "text") return { type: "text" as const, text: message.text ?? message.content };
    if (message.type !== "template") return message;
    const { content, template, ...rest } = message;
    return template === undefined ? { type: "text" as const, text: content } : { ...rest, template };
  });

export type MessageDefinition = z.infer<typeof messageSchema>;
