import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import type { Context } from "../cli/context.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import { isDone, linesOf, summaryOf } from "./columns.ts";
import { readFolder } from "./folder.ts";
import { applyFiles, type Planned, planFiles } from "./plan.ts";
import { showPlan } from "./show.ts";

export default defineCommand<[string]>({
  description:
    "Makes the database what the YAML files of a folder say (broadcasts, drips, rules, templates), in one transaction: all of it or nothing.\nA broadcast that was started, and an archived drip, stay as they are; other steps of a drip are a new version, and whoever is in it stays on\ntheirs. Asks before it changes what is there; what is only new needs no answer. Starts and activates nothing, and removes nothing. Prints what\nadsapp plan prints.",
  examples: ["adsapp apply fixtures", "adsapp apply campaigns/ --yes --format json"],
  writes: true,
  declare(command) {
    command.argument("<folder>", "its *.yaml and *.yml files, without subfolders");
  },
  async run(context, _options, folder) {
    const { out } = context;
    await context.operator(refuseViewer);
    const files = await readFolder(folder, await context.organization());
    const plan = await planFiles(context, files);
    const isRefused = plan.some(({ change }) => change === "refused");
    if (!isRefused && !(await mayChange(context, plan))) return out.say("Nothing was changed.");
    if (!isDone(plan)) await applyFiles(context, files, plan);
    await showPlan(out, plan);
    out.say(summaryOf(plan, folder));
  },
});

/** Asks before what is there becomes another, and says first what that is. */
async function mayChange(context: Context, plan: readonly Planned[]): Promise<boolean> {
  const changed = plan.filter(({ change }) => change === "changed");
  if (changed.length === 0 || context.yes) return true;
  for (const { kind, name, field, from, to } of linesOf(changed))
    context.out.say(`${kind} "${name}": ${field}: ${from ?? "nothing"} → ${to ?? "nothing"}`);
  return confirm(`Change ${changed.map(({ kind, name }) => `${kind} "${name}"`).join(", ")}?`, context.yes);
}
