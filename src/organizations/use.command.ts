import { defineCommand } from "../cli/command.ts";
import { organizationColumns } from "./columns.ts";
import { resolveOrganization } from "./organization.ts";
import { useOrganization } from "./settings.ts";

export default defineCommand<[string]>({
  description:
    "Chooses the organization in which later commands work, unless --org or ADSAPP_ORG says otherwise. Ticks serve all.",
  examples: ["adsapp org use jansen", "adsapp org use jansen && adsapp campaign list"],
  scope: "none",
  declare(command) {
    command.argument("<slug>", "slug or id");
  },
  async run(context, _options, slug) {
    const organization = await context.worker((tx) => resolveOrganization(tx, slug));
    useOrganization(context.config.home, organization.slug);
    context.out.say(`Commands now work in ${organization.name} (${organization.slug}).`);
    if (context.out.format !== "table") await context.out.record(organization, organizationColumns);
  },
});
