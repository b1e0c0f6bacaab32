import { defineCommand } from "../cli/command.ts";
import { changeSelected, declareSelection, type SelectionOptions } from "./change.ts";
import { tagContacts } from "./contacts.ts";

export default defineCommand<[string, string[]], SelectionOptions>({
  description: "Tags contacts; a tag they have already stays.",
  examples: [
    'adsapp contact tag vip "06 12345678" +31687654321',
    "adsapp contact tag winter --on-list klanten",
  ],
  writes: true,
  declare(command) {
    command.argument("<tag>", "the tag");
    declareSelection(command);
  },
  run: (context, options, tag, contacts) =>
    changeSelected(context, contacts, options, (tx, organization, ids) =>
      tagContacts(tx, organization, ids, [tag]),
    ),
});
