import { z } from "zod";
import { strictObject } from "../definitions/strict.ts";
import { textOf } from "./components.ts";
import { hasStrayBraces, isPositional, variablesOf } from "./variables.ts";

/** Meta's codes: `nl`, `en_US`. */
export const languageCode = z
  .string()
  .regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, "write a language code such as nl or en_US");

// Lengths and counts: reference whatsapp-cloud-api §1.4 and §6.
const label = z.string().min(1).max(25);

const button = z.discriminatedUnion("type", [
  strictObject({ type: z.literal("QUICK_REPLY"), text: label }),
  strictObject({
    type: z.literal("URL"),
    text: label,
    url: z
      .string()
      .regex(/^https?:\/\//, "write a link: https://…")
      .max(2000),
    example: z.array(z.string()).optional(),
  }),
  strictObject({ type: z.literal("PHONE_NUMBER"), text: label, phone_number: z.string().min(1).max(20) }),
  strictObject({
    type: z.literal("COPY_CODE"),
    text: label.optional(),
    example: z.union([z.string(), z.array(z.string())]).optional(),
  }),
]);

const example = z.record(z.string(), z.unknown()).optional();

const component = z.discriminatedUnion("type", [
  strictObject({
    type: z.literal("HEADER"),
    format: z.enum(["TEXT", "IMAGE", "VIDEO", "DOCUMENT"]),
    text: z.string().min(1).max(60).optional(),
    example,
  }),
  strictObject({ type: z.literal("BODY"), text: z.string().min(1).max(1024), example }),
  strictObject({ type: z.literal("FOOTER"), text: z.string().min(1).max(60) }),
  strictObject({ type: z.literal("BUTTONS"), buttons: z.array(button).min(1).max(10) }),
]);

export type Component = z.infer<typeof component>;

/** A message template as a file holds it: for log senders, tests, and before Meta has approved it (design: formats). */
export const templateSchema = strictObject({
  kind: z.literal("template"),
  name: z.string().regex(/^[a-z0-9_]{1,512}$/, "use a–z, 0–9 and underscores, 512 at most"),
  language: languageCode,
  category: z.enum(["MARKETING", "UTILITY", "AUTHENTICATION"]),
  status: z.enum(["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"]).default("APPROVED"),
  components: z.array(component).min(1),
}).superRefine(({ components }, context) => {
  const fault: Fault = (message, ...path) =>
    context.addIssue({ code: "custom", message, path: ["components", ...path] });
  checkCounts(components, fault);
  for (const [index, each] of components.entries()) {
    checkComponent(each, (message, ...path) => fault(message, index, ...path));
  }
  const names = components.flatMap((each) => variablesOf(textOf(each)));
  if (!isPositional(names) && names.some((name) => /^\d/.test(name)))
    fault("numbered and named variables cannot be mixed in one template");
});

export type TemplateDefinition = z.infer<typeof templateSchema>;

type Fault = (message: string, ...path: (string | number)[]) => void;

function checkCounts(components: readonly Component[], fault: Fault): void {
  for (const type of ["HEADER", "BODY", "FOOTER", "BUTTONS"] as const) {
    const count = components.filter((each) => each.type === type).length;
    if (count > 1) fault(`there are ${count} ${type} components; one is allowed`);
    if (type === "BODY" && count === 0) fault("there is no BODY");
  }
}

function checkComponent(each: Component, fault: Fault): void {
  const text = textOf(each);
  if (hasStrayBraces(text))
    fault("a variable is written {{1}} or {{name}}, of letters, digits and underscores", "text");
  const names = variablesOf(text);
  if (isPositional(names) && names.some((_name, n) => !names.includes(String(n + 1)))) {
    fault(
      `variables are numbered {{1}}, {{2}} … without gaps; here are ${names.map((name) => `{{${name}}}`).join(", ")}`,
      "text",
    );
  }
  if (each.type === "FOOTER" && names.length > 0) fault("a footer has no variables", "text");
  if (each.type === "HEADER" && names.length > 1) fault("a header has one variable at most", "text");
  if (each.type === "HEADER" && (each.format === "TEXT") !== (each.text !== undefined)) {
    fault(
      each.format === "TEXT"
        ? "a TEXT header needs its text"
        : `a header of format ${each.format} has no text`,
    );
  }
  if (each.type === "BUTTONS") checkLinks(each, fault);
}

/** "URL buttons take only the suffix" (reference §1.4). */
function checkLinks({ buttons }: Extract<Component, { type: "BUTTONS" }>, fault: Fault): void {
  buttons.forEach((each, index) => {
    if (each.type === "URL" && /\{\{|\}\}/.test(each.url.replace(/\{\{1\}\}$/, ""))) {
      fault("a link's variable is {{1}}, and stands at its end", "buttons", index, "url");
    }
  });
}
