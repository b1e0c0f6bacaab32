import type { Component } from "./definition.ts";
import { isPositional, variablesOf } from "./variables.ts";

export type ParameterFormat = "POSITIONAL" | "NAMED";

/** A template may not mix them, so one name makes it NAMED. */
export function parameterFormatOf(components: readonly Component[]): ParameterFormat {
  return isPositional(components.flatMap((each) => variablesOf(textOf(each)))) ? "POSITIONAL" : "NAMED";
}

/** The body's variables: numbers in order, names as they appear. */
export function bodyVariables(components: readonly Component[]): string[] {
  const names = components.flatMap((each) => (each.type === "BODY" ? variablesOf(each.text) : []));
  return isPositional(names) ? names.sort((a, b) => Number(a) - Number(b)) : names;
}

/** A value that a template needs, and how long it may be. */
export interface NeededValue {
  name: string;
  longest: number;
}

// Reference whatsapp-cloud-api §1.4.
const LONGEST = { HEADER: 60, BODY: 1024, URL: 2000, COPY_CODE: 15 };

/**
 * All values that a template needs: the body's variables by their own name, a text header's as `header_<name>`, and
 * `button_<index>` (from 0) for a URL button's variable end and for the code that a COPY_CODE button copies.
 */
export function neededValues(components: readonly Component[]): NeededValue[] {
  return components.flatMap((each) => {
    if (each.type === "HEADER")
      return variablesOf(textOf(each)).map((name) => ({ name: `header_${name}`, longest: LONGEST.HEADER }));
    if (each.type === "BODY") return bodyVariables([each]).map((name) => ({ name, longest: LONGEST.BODY }));
    return each.type === "BUTTONS"
      ? variableButtons(each).map(({ name, type }) => ({ name, longest: LONGEST[type] }))
      : [];
  });
}

/** The buttons that differ for each message, with the name of their value. */
export function variableButtons({ buttons }: Extract<Component, { type: "BUTTONS" }>) {
  return buttons.flatMap((button, index) => {
    const varies =
      button.type === "COPY_CODE" || (button.type === "URL" && variablesOf(button.url).length > 0);
    return varies ? [{ index, type: button.type as "URL" | "COPY_CODE", name: `button_${index}` }] : [];
  });
}

/** What a message must bring along: `image`, `video` or `document`. Undefined: the header is text, or there is none. */
export function headerMedia(components: readonly Component[]): "image" | "video" | "document" | undefined {
  const header = components.find((each) => each.type === "HEADER");
  return header === undefined || header.format === "TEXT"
    ? undefined
    : (header.format.toLowerCase() as "image");
}

export function textOf(component: Component): string {
  return "text" in component ? (component.text ?? "") : "";
}

const KNOWN_PARTS = ["HEADER", "BODY", "FOOTER", "BUTTONS"];
const KNOWN_HEADERS = ["TEXT", "IMAGE", "VIDEO", "DOCUMENT"];
const KNOWN_BUTTONS = ["QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE"];

/** Parts of Meta's templates that adsapp cannot fill in: `a LOCATION header`, `a FLOW button`, `a CAROUSEL`. */
export function unfillableParts(components: readonly Component[]): string[] {
  const strange = (words: readonly string[], word: string, what: string) =>
    words.includes(word) ? [] : [`a ${word}${what}`];
  return components.flatMap((each) => {
    if (each.type === "HEADER") return strange(KNOWN_HEADERS, each.format, " header");
    if (each.type === "BUTTONS")
      return each.buttons.flatMap((button) => strange(KNOWN_BUTTONS, button.type, " button"));
    return strange(KNOWN_PARTS, each.type, "");
  });
}
