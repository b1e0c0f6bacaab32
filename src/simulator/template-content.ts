import { bodyVariables, headerMedia, parameterFormatOf, variableButtons } from "../templates/components.ts";
import type { Component, TemplateDefinition } from "../templates/definition.ts";
import { variablesOf } from "../templates/variables.ts";
import { isObject, type Json } from "./content.ts";
import { type GraphFault, graphFault } from "./graph.ts";

/** What Meta finds wrong with a send of this template (reference §1.4, §3): its parameters, by kind, number and name. */
export function parametersFault(template: TemplateDefinition, content: Json): GraphFault | undefined {
  const given = Array.isArray(content.components) ? content.components.filter(isObject) : [];
  return (
    headerFault(template, parametersOf(given, "header")) ??
    bodyFault(template, parametersOf(given, "body")) ??
    buttonsFault(template, given)
  );
}

function headerFault({ components }: TemplateDefinition, given: readonly Json[]): GraphFault | undefined {
  const media = headerMedia(components);
  if (media !== undefined) {
    const type = given[0]?.type;
    return type === media
      ? undefined
      : mismatch(
          `header: Format mismatch, expected ${media.toUpperCase()}, received ${String(type ?? "UNKNOWN").toUpperCase()}`,
        );
  }
  const text = components.flatMap((each) => (each.type === "HEADER" ? variablesOf(each.text ?? "") : []));
  return countFault("header", given.length, text.length);
}

function bodyFault({ components }: TemplateDefinition, given: readonly Json[]): GraphFault | undefined {
  const wanted = bodyVariables(components);
  const miscounted = countFault("body", given.length, wanted.length);
  if (miscounted !== undefined || parameterFormatOf(components) === "POSITIONAL") return miscounted;
  const names = new Set(given.map((parameter) => parameter.parameter_name));
  const missing = wanted.find((name) => !names.has(name));
  return missing === undefined ? undefined : mismatch(`body: Parameter name ${missing} is missing`, 132018);
}

/** Every button that varies has its component, and no other button has one that it does not take. */
function buttonsFault({ components }: TemplateDefinition, given: readonly Json[]): GraphFault | undefined {
  const buttons = components.find((each): each is Buttons => each.type === "BUTTONS");
  const varying = buttons === undefined ? [] : variableButtons(buttons);
  const sent = given.filter((each) => each.type === "button");
  const stray = sent.find((each) => buttons?.buttons[Number(each.index)] === undefined);
  if (stray !== undefined) return mismatch(`buttons: there is no button at index ${String(stray.index)}`);
  const missing = varying.find(
    ({ index, type }) =>
      !sent.some((each) => Number(each.index) === index && each.sub_type === type.toLowerCase()),
  );
  return missing === undefined
    ? undefined
    : graphFault(
        131008,
        `buttons: Button at index ${missing.index} of type ${missing.type} requires a parameter`,
      );
}

type Buttons = Extract<Component, { type: "BUTTONS" }>;

function countFault(where: string, given: number, wanted: number): GraphFault | undefined {
  return given === wanted
    ? undefined
    : graphFault(
        132000,
        `${where}: number of localizable_params (${given}) does not match the expected number of params (${wanted})`,
      );
}

function mismatch(details: string, code = 132012): GraphFault {
  return graphFault(code, details);
}

function parametersOf(components: readonly Json[], type: string): Json[] {
  return components
    .filter((each) => each.type === type)
    .flatMap((each) => (Array.isArray(each.parameters) ? each.parameters.filter(isObject) : []));
}
