import { Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { UserError } from "../errors.ts";
import { readBusinessHours } from "./business-hours.ts";
import { detailColumns } from "./columns.ts";
import { readFrequencyCap } from "./frequency-cap.ts";
import { readOptOutConfirmation } from "./opt-out-confirmation.ts";
import { readRetention } from "./retention.ts";
import { setOrganization } from "./settings.ts";

interface Options {
  name?: string;
  timezone?: string;
  country?: string;
  businessHours?: string;
  frequencyCap?: string;
  optOutConfirmation?: string;
  survey?: "always" | "never";
  retention?: string[];
}

export default defineCommand<[], Options>({
  description:
    "Changes the organization's name, time zone, country, business hours, frequency cap, survey, retention, or the answer to a STOP. Admins only. Days already counted stay where they are.",
  examples: [
    "adsapp org set --timezone Europe/Brussels",
    `adsapp org set --business-hours hours.json`,
    "adsapp org set --frequency-cap 2/7d",
    `adsapp org set --opt-out-confirmation '{"nl": "U krijgt geen aanbiedingen meer. Toch weer? Stuur START."}'`,
    "adsapp org set --retention messages=400d webhookBodies=30d",
  ],
  writes: true,
  declare(command) {
    command
      .option("--name <name>", "what the business is called")
      .option("--timezone <zone>", "IANA time zone")
      .option("--country <code>", "where phones without a country code are from")
      .option("--business-hours <json>", "hours by day, or a file with them")
      .option(
        "--frequency-cap <n/days>",
        "marketing messages to a person, such as 2/7d: two in seven days; none lifts it",
      )
      .option(
        "--opt-out-confirmation <json>",
        "what somebody who says STOP is answered, by language; none: nothing; default: our own texts",
      )
      .addOption(
        new Option("--survey <when>", "whether closing a conversation asks how it was").choices([
          "always",
          "never",
        ]),
      )
      .option(
        "--retention <what=days...>",
        "what adsapp prune lets go of: messages, webhookBodies, events, imports; such as messages=400d; none keeps all",
      );
  },
  async run(context, options) {
    const { name, timezone, country, survey } = options;
    const businessHours =
      options.businessHours === undefined ? undefined : readBusinessHours(options.businessHours);
    const frequencyCap =
      options.frequencyCap === undefined ? undefined : readFrequencyCap(options.frequencyCap);
    const optOutConfirmation =
      options.optOutConfirmation === undefined
        ? undefined
        : readOptOutConfirmation(options.optOutConfirmation);
    const retention = options.retention === undefined ? undefined : readRetention(options.retention);
    const settings = { frequencyCap, optOutConfirmation, survey, retention };
    const changes = { name, timezone, country, businessHours, ...settings };
    if (Object.values(changes).every((value) => value === undefined))
      throw new UserError("say what to change", { hint: "adsapp org set --help" });
    const { id } = await context.organization();
    const changed = await context.operator((tx) => setOrganization(tx, id, changes as object));
    await context.out.record(changed, detailColumns);
  },
});
