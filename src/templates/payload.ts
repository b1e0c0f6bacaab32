import { bodyVariables, type ParameterFormat, variableButtons } from "./components.ts";
import type { Component } from "./definition.ts";
import { variablesOf } from "./variables.ts";

/** A template as a run froze it at its start (campaigns/expand.sql, openRuns). */
export interface FrozenTemplate {
  name: string;
  language: string;
  parameterFormat: ParameterFormat;
  components: Component[];
}

/** `{ image: { link } }`, and so on: one of image, video and document, with a link or an id. */
export type HeaderMedia = Record<string, object | undefined>;

/**
 * The `template` object of a Cloud API send (reference §1.4). Only components that have something to fill in are there;
 * without any, `components` is left out.
 * @param values by the names of neededVariables: `1` or `voornaam`, `header_1`, `button_0`
 */
export function templatePayload(
  template: FrozenTemplate,
  values: Readonly<Record<string, string>>,
  header?: HeaderMedia,
): Record<string, unknown> {
  const components = template.components.flatMap((each) =>
    componentParameters(each, template.parameterFormat, values, header),
  );
  return {
    name: template.name,
    language: { code: template.language },
    ...(components.length > 0 ? { components } : {}),
  };
}

function componentParameters(
  each: Component,
  format: ParameterFormat,
  values: Readonly<Record<string, string>>,
  header?: HeaderMedia,
): object[] {
  const text = (name: string, key = name) => ({
    type: "text",
    ...(format === "NAMED" ? { parameter_name: name } : {}),
    text: values[key],
  });
  switch (each.type) {
    case "HEADER": {
      if (each.format !== "TEXT") return mediaHeader(header);
      const names = variablesOf(each.text ?? "");
      return names.length === 0
        ? []
        : [{ type: "header", parameters: names.map((name) => text(name, `header_${name}`)) }];
    }
    case "BODY": {
      const names = bodyVariables([each]);
      return names.length === 0 ? [] : [{ type: "body", parameters: names.map((name) => text(name)) }];
    }
    case "BUTTONS":
      return variableButtons(each).map(({ index, type, name }) => {
        const parameter =
          type === "URL"
            ? { type: "text", text: values[name] }
            : { type: "coupon_code", coupon_code: values[name] };
        return {
          type: "button",
          sub_type: type.toLowerCase(),
          index: String(index),
          parameters: [parameter],
        };
      });
    default:
      return [];
  }
}

function mediaHeader(header: HeaderMedia | undefined): object[] {
  const [given] = Object.entries(header ?? {}).filter(([, media]) => media !== undefined);
  return given === undefined
    ? []
    : [{ type: "header", parameters: [{ type: given[0], [given[0]]: given[1] }] }];
}
