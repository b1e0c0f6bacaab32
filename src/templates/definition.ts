import { z } from "zod";
import { strictObject } from "../definitions/strict.ts";
import { isPositional, variablesOf } from "./variables.ts";

// Lengths and counts: reference to Meta's template limits (message templates, components).
const button = z.discriminatedUnion("type", [
  strictObject({ type: z.literal("QUICK_REPLY"), text: z.string().min(1).max(25) }),
  strictObject({ type: z.literal("URL"), text: z.string().min(1).max(25), url: z.string().max(2000), example: z.array(z.string()).optional() }),
  strictObject({ type: z.literal("PHONE_NUMBER"), text: z.string().min(1).max(25), phone_number: z.string().max(20) }),
  strictObject({ type: z.literal("COPY_CODE"), text: z.string().max(25).optional(), example: z.union([z.string(), z.array(z.string())]).optional() }),
]);

const example = z.record(z.string(), z.unknown()).optional();

const component = z.discriminatedUnion("type", [
  strictObject({ type: z.literal("HEADER"), format: z.enum(["TEXT", "IMAGE", "VIDEO", "DOCUMENT"]), text: z.string().max(60).optional(), example }),
  strictObject({ type: z.literal("BODY"), text: z.string().min(1).max(1024), example }),
  strictObject({ type: z.literal("FOOTER"), text: z.string().min(1).max(60) }),
  strictObject({ type: z.literal("BUTTONS"), buttons: z.array(button).min(1).max(10) }),
]);

/** A message template as a file holds it: for log senders, tests, and before Meta has approved it (design: formats). */
export const templateSchema = strictObject({
  kind: z.literal("template"),
  name: z.string().regex(/^[a-z0-9_]{1,512}$/, "use a–z, 0–9 and underscores"),
  language: z.string().regex(/^[a-z]{2,3}(_[A-Z]{2})?$/, "write a language code such as nl or en_US"),
  category: z.enum(["MARKETING", "UTILITY", "AUTHENTICATION"]),
  status: z.enum(["APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED"]).default("APPROVED"),
  components: z.array(component).min(1),
}).superRefine((template, context) => {
  const fault = (message: string, path: (string | number)[]) => context.addIssue({ code: "custom", message, path });
  for (const type of ["HEADER", "BODY", "FOOTER", "BUTTONS"] as const) {
    const count = template.components.filter((each) => each.type === type).length;
    if (count > 1) fault(`there are ${count} ${type} components; one is allowed`, ["components"]);
    if (type === "BODY" && count === 0) fault("a BODY component is missing", ["components"]);
  }
  template.components.forEach((each, index) => {
    const text = "text" in each ? (each.text ?? "") : "";
    const names = variablesOf(text);
    const numbered = names.filter((name) => /^\d+$/.test(name));
    if (numbered.length > 0 && numbered.length < names.length) fault("numbers and names cannot be mixed", ["components", index, "text"]);
    const wanted = numbered.map((_, n) => String(n + 1));
    if (isPositional(names) && [...names].sort((a, b) => Number(a) - Number(b)).join() !== wanted.join()) {
      fault(`variables are numbered {{1}}, {{2}} … without gaps; found ${names.map((name) => `{{${name}}}`).join(", ")}`, ["components", index, "text"]);
    }
    if (each.type === "HEADER" && each.format === "TEXT" && text === "") fault("a TEXT header needs its text", ["components", index]);
  });
});

export type TemplateDefinition = z.infer<typeof templateSchema>;
export type Component = TemplateDefinition["components"][number];

/** POSITIONAL or NAMED, by the variables of its texts. */
export function parameterFormatOf(components: readonly Component[]): "POSITIONAL" | "NAMED" {
  const names = components.flatMap((each) => ("text" in each ? variablesOf(each.text ?? "") : []));
  return isPositional(names) ? "POSITIONAL" : "NAMED";
}

/** The body's variables: numbers in order, names as they appear. */
export function bodyVariables(components: readonly Component[]): string[] {
  const names = components.flatMap((each) => (each.type === "BODY" ? variablesOf(each.text) : []));
  return isPositional(names) ? names.sort((a, b) => Number(a) - Number(b)) : names;
}
