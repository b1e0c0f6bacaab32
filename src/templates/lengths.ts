import { neededValues, textOf } from "./components.ts";
import type { Component } from "./definition.ts";
import { cleanParameter } from "./values.ts";
import { fillIn } from "./variables.ts";

/** Filled in (reference §1.4). */
const LONGEST_BODY = 1024;

/**
 * What is too long whoever gets it: values without Liquid, and a body that is full before Liquid adds anything. What
 * Liquid makes too long for some is found when it is rendered for them.
 */
export function lengthFaults(
  components: readonly Component[],
  variables: Readonly<Record<string, string>>,
): string[] {
  const fixed = Object.fromEntries(
    Object.entries(variables).map(([name, text]) => [
      name,
      /\{\{|\{%/.test(text) ? "" : cleanParameter(text),
    ]),
  );
  const values = neededValues(components).flatMap(({ name, longest }) => {
    const length = fixed[name]?.length ?? 0;
    return length > longest
      ? [`the value for "${name}" has ${length} characters, of ${longest} at most`]
      : [];
  });
  const body = components.find((each) => each.type === "BODY");
  const length = body === undefined ? 0 : fillIn(textOf(body), fixed).length;
  const full = length > LONGEST_BODY ? [`its text has ${length} characters, of ${LONGEST_BODY} at most`] : [];
  return values.length > 0 ? values : full;
}
