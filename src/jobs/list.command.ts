import { Option } from "commander";
import { findCampaign } from "../campaigns/find.ts";
import { defineCommand } from "../cli/command.ts";
import { findContact } from "../contacts/find.ts";
import { pageSize } from "../contacts/page-size.ts";
import { findDrip } from "../drips/find.ts";
import { JOB_STATUSES, type JobStatus } from "../sending/machine.ts";
import { listColumns } from "./columns.ts";
import { listJobs } from "./find.ts";

interface Options {
  campaign?: string;
  drip?: string;
  contact?: string;
  status?: JobStatus;
  error?: string;
  limit: number;
}

export default defineCommand<[], Options>({
  description:
    "Single messages, of broadcasts and drips alike: where each stands, why, and what comes next. Newest campaign first, in the order in which\nits messages go out; then drips, the last planned step first; then answers of agents and other direct messages, the newest first.",
  examples: [
    'adsapp job list --campaign "Black Friday Sale" --status failed',
    'adsapp job list --contact "06 12345678" --format json',
    "adsapp job list --status unknown",
  ],
  declare(command) {
    command
      .option("--campaign <name>", "of this broadcast (name or id)")
      .option("--drip <name>", "of this drip (name or id)")
      .option("--contact <phone>", "to this contact (phone in any spelling, or id)")
      .addOption(new Option("--status <status>", "only those").choices(JOB_STATUSES))
      .option("--error <code>", "only those with this error, such as 131026")
      .option("--limit <n>", "how many", pageSize, 50);
  },
  async run(context, options) {
    const organization = await context.organization();
    const { campaign, drip, contact, status, error: errorCode, limit } = options;
    const jobs = await context.operator(async (tx) =>
      listJobs(tx, organization.id, {
        campaignId:
          campaign === undefined ? undefined : (await findCampaign(tx, organization.id, campaign)).id,
        dripId: drip === undefined ? undefined : (await findDrip(tx, organization.id, drip)).id,
        contactId: contact === undefined ? undefined : await findContact(tx, organization, contact),
        status,
        errorCode,
        limit,
      }),
    );
    await context.out.list(jobs, listColumns, { empty: "No such messages." });
    if (jobs.length === limit) context.out.say(`The first ${limit}: --limit shows more.`);
  },
});
