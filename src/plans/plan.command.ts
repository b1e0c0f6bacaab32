import { defineCommand } from "../cli/command.ts";
import { ExitCode } from "../errors.ts";
import { isDone, summaryOf } from "./columns.ts";
import { readFolder } from "./folder.ts";
import { planFiles } from "./plan.ts";
import { showPlan } from "./show.ts";

export default defineCommand<[string]>({
  description:
    "What apply would do with the YAML files of a folder (broadcasts, drips, rules, templates): what is new, which fields and steps are others, a\ndrip's versions and the people in it, a broadcast's audience. Changes nothing, so viewers may ask it too; ends with 1 when something is refused.\nSteps count from 1: what is added or changed has its new number, what is removed its old one. As JSON a file each: file, kind, name, change (created, changed,\nunchanged, refused), status, changes (path, from, to), fromVersion, version, people, audience, willBeSent, refused, warnings.",
  examples: ["adsapp plan fixtures", "adsapp plan campaigns/ --format json"],
  declare(command) {
    command.argument("<folder>", "its *.yaml and *.yml files, without subfolders");
  },
  async run(context, _options, folder) {
    const files = await readFolder(folder, await context.organization());
    const plan = await planFiles(context, files);
    await showPlan(context.out, plan);
    context.out.say(`${isDone(plan) ? "" : "By adsapp apply: "}${summaryOf(plan, folder)}`);
    return plan.some(({ change }) => change === "refused") ? ExitCode.Failed : ExitCode.Done;
  },
});
