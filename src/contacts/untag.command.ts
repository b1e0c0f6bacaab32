import { defineCommand } from "../cli/command.ts";
import { changeSelected, declareSelection, type SelectionOptions } from "./change.ts";
import { untagContacts } from "./contacts.ts";

export default defineCommand<[string, string[]], SelectionOptions>({
  description: "Takes a tag away from contacts.",
  examples: [
    'adsapp contact untag vip "06 12345678" +31687654321',
    "adsapp contact untag winter --on-list klanten",
  ],
  writes: true,
  declare(command) {
    command.argument("<tag>", "the tag");
    declareSelection(command);
  },
  run: (context, options, tag, contacts) =>
    changeSelected(context, contacts, options, (tx, organization, ids) =>
      untagContacts(tx, organization, ids, [tag]),
    ),
});
