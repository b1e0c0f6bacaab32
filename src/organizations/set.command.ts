import { defineCommand } from "../cli/command.ts";
import { UserError } from "../errors.ts";
import { readBusinessHours } from "./business-hours.ts";
import { detailColumns } from "./columns.ts";
import { setOrganization } from "./settings.ts";

interface Options {
  name?: string;
  timezone?: string;
  country?: string;
  businessHours?: string;
}

export default defineCommand<[], Options>({
  description:
    "Changes the organization's name, time zone, country or business hours. Admins only. Days already counted stay where they are.",
  examples: ["adsapp org set --timezone Europe/Brussels", `adsapp org set --business-hours hours.json`],
  writes: true,
  declare(command) {
    command
      .option("--name <name>", "what the business is called")
      .option("--timezone <zone>", "IANA time zone")
      .option("--country <code>", "where phones without a country code are from")
      .option("--business-hours <json>", "hours by day, or a file with them");
  },
  async run(context, options) {
    const { name, timezone, country } = options;
    const businessHours =
      options.businessHours === undefined ? undefined : readBusinessHours(options.businessHours);
    if ([name, timezone, country, businessHours].every((value) => value === undefined))
      throw new UserError("say what to change", { hint: "adsapp org set --help" });
    const { id } = await context.organization();
    const changed = await context.operator((tx) =>
      setOrganization(tx, id, { name, timezone, country, businessHours } as object),
    );
    await context.out.record(changed, detailColumns);
  },
});
