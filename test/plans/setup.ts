import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Format } from "../../src/cli/output/index.ts";
import applyCommand from "../../src/plans/apply.command.ts";
import planCommand from "../../src/plans/plan.command.ts";
import type { Planned } from "../../src/plans/plan.ts";
import { packageRoot } from "../../src/root.ts";
import { type Setup as DripSetup, setup as dripSetup } from "../drips/setup.ts";
import type { CommandRun } from "../reports/run-command.ts";

interface Given {
  format?: Format;
  user?: string;
  yes?: boolean;
}

export interface Setup extends DripSetup {
  plan(folder: string, given?: Given): Promise<CommandRun>;
  apply(folder: string, given?: Given): Promise<CommandRun>;
  /** what a plan says */
  planned(folder: string): Promise<Planned[]>;
  /** with --yes; @throws with what it said when it did not end with 0 */
  applied(folder: string): Promise<Planned[]>;
  /** every row that a definition is kept in */
  everything(): Promise<unknown>;
}

export async function setup(): Promise<Setup> {
  const s = await dripSetup();
  const plan: Setup["plan"] = (folder, given) => s.run(planCommand, [folder], given);
  const apply: Setup["apply"] = (folder, given) => s.run(applyCommand, [folder], given);
  return {
    ...s,
    plan,
    apply,
    planned: async (folder) => rowsOf(await plan(folder)),
    applied: async (folder) => rowsOf(await apply(folder, { yes: true })),
    everything: () => s.query(TABLES.map(digest).join(" union all ")),
  };
}

const TABLES = [
  "message_templates",
  "drip_campaigns",
  "drip_campaign_steps",
  "automation_rules",
  "bulk_campaigns",
  "audit_log",
];

const digest = (table: string) =>
  `select '${table}' as name, md5(coalesce(string_agg(t::text, '' order by t::text), '')) as rows from ${table} t`;

function rowsOf({ stdout, stderr, exitCode }: CommandRun): Planned[] {
  if (exitCode !== 0) throw new Error(`ended with ${exitCode}: ${stderr}`);
  return JSON.parse(stdout) as Planned[];
}

/** A folder of its own with these files; with `fixtures`, beside the YAML of the package. */
export function folderOf(files: Record<string, string>, given: { fixtures?: boolean } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "adsapp-plans-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  if (given.fixtures === true) cpSync(join(packageRoot(), "fixtures"), folder, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
  for (const [name, text] of Object.entries(files)) write(name, text);
  return { folder, write };
}

/** `drip Leads: changed` */
export const inWords = (plan: readonly Planned[]) =>
  plan.map(({ kind, name, change }) => `${kind} ${name}: ${change}`);

export const dripYaml = (name: string, more = "", steps: readonly string[] = ["Een", "Twee"]) =>
  `kind: drip\nname: ${name}\n${more}steps:\n${steps.map((text) => `  - { delay: 1d, message: { type: text, text: ${text} } }\n`).join("")}`;

export const broadcastYaml = (name: string, more = "targetAudience: { type: all }\n") =>
  `kind: broadcast\nname: ${name}\ntype: notification\n${more}message: { type: text, text: Hoi }\n`;

export const ruleYaml = (name: string, more = "") =>
  `kind: rule\nname: ${name}\ntrigger: { type: tag_added, tag: leads }\nactions: [ { type: add_tag, tag: seen } ]\n${more}`;

export const templateYaml = (name: string, text = "Hoi") =>
  `kind: template\nname: ${name}\nlanguage: nl\ncategory: UTILITY\ncomponents: [ { type: BODY, text: ${text} } ]\n`;
