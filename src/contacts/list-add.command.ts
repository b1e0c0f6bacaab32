import { defineCommand } from "../cli/command.ts";
import { changeSelected, declareSelection, type SelectionOptions } from "./change.ts";
import { addMembers, findStaticList } from "./lists.ts";

export default defineCommand<[string, string[]], SelectionOptions>({
  description: "Puts contacts on a list.",
  examples: ['adsapp list add klanten "06 12345678"', "adsapp list add klanten --with-tag vip"],
  writes: true,
  declare(command) {
    command.argument("<list>", "name or id");
    declareSelection(command);
  },
  run: (context, options, name, contacts) =>
    changeSelected(context, contacts, options, async (tx, organization, ids) =>
      addMembers(tx, organization, (await findStaticList(tx, organization, name)).id, ids),
    ),
});
