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

type Values = Readonly<Record<string, string>>;
type Fill = (values: Values) => object;

/**
 * Compiles the `template` object of a Cloud API send (reference §1.4), for many messages. Only components that have
 * something to fill in are there; without any, `components` is left out.
 * @returns takes the values by the names of neededVariables: `1` or `voornaam`, `header_1`, `button_0`
 */
export function compilePayload(
  template: FrozenTemplate,
  header?: HeaderMedia,
): (values: Values) => Record<string, unknown> {
  const { name, parameterFormat } = template;
  const language = { code: template.language };
  const components = template.components.flatMap((each) => compileComponent(each, parameterFormat, header));
  if (components.length === 0) return () => ({ name, language });
  return (values) => ({ name, language, components: components.map((fill) => fill(values)) });
}

function compileComponent(each: Component, format: ParameterFormat, header?: HeaderMedia): Fill[] {
  const texts = (type: string, names: readonly string[], prefix = ""): Fill[] => {
    const parameters = names.map((name) => textParameter(name, `${prefix}${name}`, format));
    return names.length === 0
      ? []
      : [(values) => ({ type, parameters: parameters.map((fill) => fill(values)) })];
  };
  switch (each.type) {
    case "HEADER":
      return each.format === "TEXT"
        ? texts("header", variablesOf(each.text ?? ""), "header_")
        : mediaHeader(header).map((media) => () => media);
    case "BODY":
      return texts("body", bodyVariables([each]));
    case "BUTTONS":
      return variableButtons(each).map(({ index, type, name }) => {
        const button = { type: "button", sub_type: type.toLowerCase(), index: String(index) };
        return (values) => ({ ...button, parameters: [buttonParameter(type, values[name])] });
      });
    default:
      return [];
  }
}

function textParameter(name: string, key: string, format: ParameterFormat): Fill {
  return format === "NAMED"
    ? (values) => ({ type: "text", parameter_name: name, text: values[key] })
    : (values) => ({ type: "text", text: values[key] });
}

function buttonParameter(type: "URL" | "COPY_CODE", value: string | undefined): object {
  return type === "URL" ? { type: "text", text: value } : { type: "coupon_code", coupon_code: value };
}

function mediaHeader(header: HeaderMedia | undefined): object[] {
  const [given] = Object.entries(header ?? {}).filter(([, media]) => media !== undefined);
  return given === undefined
    ? []
    : [{ type: "header", parameters: [{ type: given[0], [given[0]]: given[1] }] }];
}
