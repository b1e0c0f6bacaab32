import { defineCommand } from "../cli/command.ts";
import { notFound } from "../errors.ts";
import { detailColumns } from "./columns.ts";
import { resolveOrganization } from "./organization.ts";
import { showOrganization } from "./settings.ts";

export default defineCommand<[string | undefined]>({
  description:
    "One organization with its hours and settings: the one named, or the one in which commands work now.",
  examples: ["adsapp org show", "adsapp org show jansen --format json"],
  declare(command) {
    command.argument("[slug]", "slug or id");
  },
  async run(context, _options, slug) {
    const found =
      slug === undefined
        ? await context.organization()
        : await context.worker((tx) => resolveOrganization(tx, slug));
    const details = await context.worker((tx) => showOrganization(tx, found.id));
    if (details === undefined) throw notFound("organization", slug ?? found.slug);
    await context.out.record(details, [...detailColumns.map((column) => ({ ...column, table: true }))]);
  },
});
