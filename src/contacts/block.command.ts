import { defineCommand } from "../cli/command.ts";
import { changeSelected, declareSelection, type SelectionOptions } from "./change.ts";
import { block } from "./contacts.ts";

export default defineCommand<[string[]], SelectionOptions>({
  description:
    "Blocks contacts: no message of any kind reaches them from the next claim on, transactional ones neither. What waits for them is\nskipped (blocked), and they leave their drips. An import never lifts it.",
  examples: ['adsapp contact block "06 12345678"', "adsapp contact block --file geblokkeerd.txt"],
  writes: true,
  declare: declareSelection,
  run: (context, options, contacts) => changeSelected(context, contacts, options, block),
});
