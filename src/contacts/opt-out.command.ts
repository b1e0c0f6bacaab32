import { defineCommand } from "../cli/command.ts";
import { changeSelected, declareSelection, type SelectionOptions } from "./change.ts";
import { optOut } from "./contacts.ts";

export default defineCommand<[string[]], SelectionOptions & { source: string }>({
  description:
    "Writes down that contacts want no marketing any more: no promotional or survey broadcast reaches them from the next claim on.\nService messages still may.",
  examples: [
    'adsapp contact opt-out "06 12345678" --source "phone call 24 Nov"',
    "adsapp contact opt-out --on-list klanten --source letter",
  ],
  writes: true,
  declare(command) {
    declareSelection(command);
    command.option("--source <text>", "the evidence: how they said it", "operator");
  },
  run: (context, options, contacts) =>
    changeSelected(context, contacts, options, (tx, organization, ids) =>
      optOut(tx, organization, ids, options.source),
    ),
});
