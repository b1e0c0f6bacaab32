import { InvalidArgumentError } from "commander";
import { defineCommand } from "../cli/command.ts";
import { sourceColumns } from "./columns.ts";
import { listSources } from "./sources.ts";

export default defineCommand<[], { days: number }>({
  description:
    "Where conversations come from, with how many: all of them, those of the last days (Recent), and today's, by the organization's day.\nThe data formats have them by day.",
  examples: ["adsapp source list", "adsapp source list --days 7 --format json"],
  declare(command) {
    command.option("--days <n>", "how far back recent ones reach, today included", wholeDays, 30);
  },
  async run(context, { days }) {
    const { id } = await context.organization();
    await context.out.list(await context.operator((tx) => listSources(tx, id, days)), sourceColumns, {
      empty: "No sources. Make one: adsapp source create NAME --type qr_code",
    });
  },
});

function wholeDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > 3_660)
    throw new InvalidArgumentError("It must be from 1 to 3660.");
  return days;
}
