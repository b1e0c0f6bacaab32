import { defineCommand } from "../cli/command.ts";
import { changeSelected, declareSelection, type SelectionOptions } from "./change.ts";
import { findStaticList, removeMembers } from "./lists.ts";

export default defineCommand<[string, string[]], SelectionOptions>({
  description: "Takes contacts off a list.",
  examples: ['adsapp list remove klanten "06 12345678"', "adsapp list remove klanten --with-tag vip"],
  writes: true,
  declare(command) {
    command.argument("<list>", "name or id");
    declareSelection(command);
  },
  run: (context, options, name, contacts) =>
    changeSelected(context, contacts, options, async (tx, organization, ids) =>
      removeMembers(tx, organization, (await findStaticList(tx, organization, name)).id, ids),
    ),
});
