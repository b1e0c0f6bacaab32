import type { CommanderError } from "commander";
import { UserError } from "../errors.ts";
import { nearest } from "./near.ts";

/**
 * A mistake in a command line, told as every other one: what commander found wrong, and what to do.
 * @param path the command that the line names, where it names one
 */
export function usageError({ message }: CommanderError, path: string | undefined): UserError {
  const [, what = message, suggestions = ""] =
    /^(?:error: )?(.*?)(?:\n\(Did you mean (?:one of )?(.*)\?\))?$/s.exec(message) ?? [];
  const near = suggestions === "" ? nearChoices(what) : suggestions.split(", ");
  const help = path === undefined ? "adsapp --help" : `adsapp ${path} --help`;
  return new UserError(what, {
    hint: near.length > 0 ? `Did you mean ${near.map((name) => `"${name}"`).join(" or ")}?` : `See: ${help}`,
  });
}

/** `… 'runing' is invalid. … Allowed choices are draft, running.` */
function nearChoices(what: string): string[] {
  const [, value = "", list = ""] = /'([^']*)' is invalid.* Allowed choices are (.*)\.$/s.exec(what) ?? [];
  return nearest(value, list.split(", "), 1);
}
