import type { NeededValue } from "./components.ts";
import type { CompiledText, LiquidScope } from "./liquid.ts";

/** A template's values for one contact, clean; or the first that it has not got. */
export function valuesFor(
  compiled: readonly (NeededValue & { text: CompiledText })[],
  scope: LiquidScope,
): { filled: Record<string, string> } | { missing: string } {
  const filled: Record<string, string> = {};
  for (const { name, longest, text } of compiled) {
    const read = text.fill(scope);
    if ("missing" in read) return read;
    const value = cleanParameter(read.text);
    if (value === "") return { missing: `value for {{${name}}}` };
    const fault = tooLong(`value for {{${name}}}`, value, longest);
    if (fault !== undefined) return fault;
    filled[name] = value;
  }
  return { filled };
}

/** Meta refuses line ends, tabs and runs of spaces in a parameter (error 132018), and empty ones. */
export function cleanParameter(text: string): string {
  return text
    .replace(/[\t\n\v\f\r\u0085\u2028\u2029]+/g, " ")
    .replace(/ {4,}/g, " ")
    .trim();
}

/** Nothing is cut: half a message is not what was approved. */
export function tooLong(what: string, text: string, most: number): { missing: string } | undefined {
  return text.length <= most
    ? undefined
    : { missing: `${what} that fits: it would be ${text.length} characters, of ${most} at most` };
}
