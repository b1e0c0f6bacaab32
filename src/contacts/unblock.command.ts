import { defineCommand } from "../cli/command.ts";
import { changeSelected, declareSelection, type SelectionOptions } from "./change.ts";
import { unblock } from "./contacts.ts";

export default defineCommand<[string[]], SelectionOptions>({
  description:
    "Lifts a block. An opt-out of marketing stays; drips that were left are not entered again, and what was skipped stays so.",
  examples: ['adsapp contact unblock "06 12345678"', "adsapp contact unblock --with-tag vergissing"],
  writes: true,
  declare: declareSelection,
  run: (context, options, contacts) => changeSelected(context, contacts, options, unblock),
});
