import { textOf } from "./components.ts";
import type { Component } from "./definition.ts";
import { fillIn } from "./variables.ts";

/** A message as a person would read it; null: the template has no such part. */
export interface ReadableParts {
  /** its text, or what kind of media it shows */
  header: string | null;
  body: string;
  footer: string | null;
  /** label, and where it leads */
  buttons: string[];
}

/** @param values by the names of neededValues; what has none keeps its braces */
export function readableParts(
  components: readonly Component[],
  values: Readonly<Record<string, string>>,
): ReadableParts {
  const part = (type: Component["type"]) => components.find((each) => each.type === type);
  const [header, body, footer] = [part("HEADER"), part("BODY"), part("FOOTER")];
  return {
    header: header === undefined ? null : headerText(header, values),
    body: body === undefined ? "" : fillIn(textOf(body), values),
    footer: footer === undefined ? null : textOf(footer),
    buttons: components.flatMap((each) => (each.type === "BUTTONS" ? buttonTexts(each, values) : [])),
  };
}

function headerText(header: Component, values: Readonly<Record<string, string>>): string {
  if (header.type === "HEADER" && header.format !== "TEXT") return `[${header.format.toLowerCase()}]`;
  return fillIn(textOf(header), unprefixed("header_", values));
}

function buttonTexts(
  { buttons }: Extract<Component, { type: "BUTTONS" }>,
  values: Readonly<Record<string, string>>,
): string[] {
  return buttons.map((button, index) => {
    const value = values[`button_${index}`];
    if (button.type === "URL")
      return `${button.text} → ${fillIn(button.url, value === undefined ? {} : { "1": value })}`;
    if (button.type === "PHONE_NUMBER") return `${button.text} → ${button.phone_number}`;
    if (button.type === "COPY_CODE") return `${button.text ?? "Copy code"}: ${value ?? "{{code}}"}`;
    return button.text ?? button.type;
  });
}

function unprefixed(prefix: string, values: Readonly<Record<string, string>>): Record<string, string> {
  const own = Object.entries(values).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length), value]));
}
