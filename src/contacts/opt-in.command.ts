import { defineCommand } from "../cli/command.ts";
import { changeSelected, declareSelection, type SelectionOptions } from "./change.ts";
import { optIn } from "./contacts.ts";

export default defineCommand<[string[]], SelectionOptions & { source: string }>({
  description:
    "Writes down that contacts allow marketing again, with the evidence. A block of everything stays.",
  examples: [
    'adsapp contact opt-in "06 12345678" --source "phone call 24 Nov"',
    "adsapp contact opt-in --on-list klanten --source letter",
  ],
  writes: true,
  declare(command) {
    declareSelection(command);
    command.option("--source <text>", "the evidence: how they said it", "operator");
  },
  run: (context, options, contacts) =>
    changeSelected(context, contacts, options, (tx, organization, ids) =>
      optIn(tx, organization, ids, options.source),
    ),
});
