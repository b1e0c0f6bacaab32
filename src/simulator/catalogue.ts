import { createHash } from "node:crypto";
import { parameterFormatOf } from "../templates/components.ts";
import type { TemplateDefinition } from "../templates/definition.ts";
import { isObject, type Json } from "./content.ts";
import { type GraphFault, graphFault } from "./graph.ts";
import { parametersFault } from "./template-content.ts";

/** A template of the simulated account. */
export interface SimulatedTemplate extends TemplateDefinition {
  /** Meta's: digits */
  id: string;
}

const STATUS_FAULTS: Readonly<Record<string, number>> = { PAUSED: 132015, DISABLED: 132016 };

/** The templates of the simulated account, by name and language. Without any, every send of a template is taken. */
export class Catalogue {
  readonly #templates = new Map<string, SimulatedTemplate>();

  constructor(templates: readonly TemplateDefinition[]) {
    for (const each of templates)
      this.#templates.set(keyOf(each.name, each.language), { ...each, id: idOf(each) });
  }

  /** In order of name and language, as they are listed. */
  all(): SimulatedTemplate[] {
    return [...this.#templates].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, template]) => template);
  }

  /** @returns the template as it is from now on; undefined when there is none */
  setStatus(
    name: string,
    language: string,
    status: SimulatedTemplate["status"],
  ): SimulatedTemplate | undefined {
    const template = this.#templates.get(keyOf(name, language));
    if (template !== undefined) template.status = status;
    return template;
  }

  /** What is wrong with the `template` object of a send; undefined when nothing is, or nothing is known. */
  fault(content: Json): GraphFault | undefined {
    if (this.#templates.size === 0) return undefined;
    const [name, language] = [
      String(content.name),
      isObject(content.language) ? String(content.language.code) : "",
    ];
    const template = this.#templates.get(keyOf(name, language));
    if (template?.status === "APPROVED") return parametersFault(template, content);
    const code = STATUS_FAULTS[template?.status ?? ""];
    return code === undefined
      ? graphFault(132001, `template name (${name}) does not exist in ${language}`, { httpStatus: 404 })
      : graphFault(code, `template name (${name}) is ${template?.status.toLowerCase()} in ${language}`);
  }
}

/** One of `data[]` of the template list, with the fields that were asked for (reference §6). */
export function listed(template: SimulatedTemplate, fields: readonly string[]): Json {
  const all: Json = {
    id: template.id,
    name: template.name,
    parameter_format: parameterFormatOf(template.components),
    language: template.language,
    status: template.status,
    category: template.category,
    sub_category: "CUSTOM",
    previous_category: template.category,
    quality_score: { score: "GREEN", date: 1_764_000_000 },
    rejected_reason: template.status === "REJECTED" ? "INVALID_FORMAT" : "NONE",
    components: template.components,
  };
  return Object.fromEntries(
    ["id", ...fields].filter((field) => Object.hasOwn(all, field)).map((field) => [field, all[field]]),
  );
}

function keyOf(name: string, language: string): string {
  return `${name} ${language}`;
}

/** Sixteen digits, the same in every run. */
function idOf({ name, language }: TemplateDefinition): string {
  const number = createHash("sha256").update(keyOf(name, language)).digest().readUInt32BE(0);
  return `138700${String(number).padStart(10, "0")}`;
}
