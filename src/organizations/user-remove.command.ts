import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import { userColumns } from "./user-columns.ts";
import { removeUser } from "./users.ts";

export default defineCommand<[string]>({
  description:
    "Removes a profile from the organization. What the person did stays in the audit log. Admins only.",
  examples: ["adsapp user remove bas@jansen.example", "adsapp user remove bas@jansen.example --yes"],
  writes: true,
  declare(command) {
    command.argument("<email>", "whom");
  },
  async run(context, _options, email) {
    const organization = await context.organization();
    if (!(await confirm(`Remove ${email} from ${organization.name}?`, context.yes))) return;
    const removed = await context.operator((tx) => removeUser(tx, organization, email));
    context.out.say(`Removed ${email}.`);
    if (context.out.format !== "table") await context.out.record(removed, userColumns);
  },
});
