import { defineCommand } from "../cli/command.ts";
import { readBusinessHours } from "./business-hours.ts";
import { organizationColumns } from "./columns.ts";
import { createOrganization } from "./create.ts";

interface Options {
  slug?: string;
  timezone: string;
  country: string;
  businessHours?: string;
  ifNotExists?: boolean;
}

export default defineCommand<[string], Options>({
  description:
    "Makes an organization: a tenant with its own contacts, senders and campaigns. Its days and hours are local to its time zone.",
  examples: [
    'adsapp org create "Bakkerij Jansen" --slug jansen --timezone Europe/Amsterdam --country NL',
    `adsapp org create "Bakkerij Jansen" --business-hours '{"mon":[["09:00","17:30"]]}' --if-not-exists`,
  ],
  scope: "none",
  declare(command) {
    command
      .argument("<name>", "what the business is called")
      .option("--slug <slug>", "short name for --org (default: from the name)")
      .option("--timezone <zone>", "IANA time zone", "Europe/Amsterdam")
      .option("--country <code>", "where phones without a country code are from", "NL")
      .option("--business-hours <json>", "hours by day, or a file with them")
      .option("--if-not-exists", "accept an existing one that is alike");
  },
  async run(context, options, name) {
    const { slug, timezone, country } = options;
    const businessHours =
      options.businessHours === undefined ? undefined : readBusinessHours(options.businessHours);
    const made = await context.worker((tx) =>
      createOrganization(tx, { name, slug, timezone, country, businessHours }, options.ifNotExists === true),
    );
    await context.out.record(made, organizationColumns);
  },
});
