import type { Output } from "../cli/output/index.ts";
import { lineColumns, linesOf, planColumns } from "./columns.ts";
import type { Planned } from "./plan.ts";

/** The plan on stdout; warnings, and why something is refused, on stderr. */
export async function showPlan(out: Output, plan: readonly Planned[]): Promise<void> {
  for (const { file, warnings, refused } of plan)
    for (const text of [...(refused === null ? [] : [refused]), ...warnings]) out.warn(`${file}: ${text}`);
  if (out.format === "table") await out.list(linesOf(plan), lineColumns);
  else await out.list(plan, planColumns);
}
