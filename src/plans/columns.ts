import type { Column } from "../cli/output/index.ts";
import type { Change } from "./changes.ts";
import type { Planned } from "./plan.ts";

/** What scripts read. */
export const planColumns: Column<Planned>[] = [
  { key: "file" },
  { key: "kind" },
  { key: "name" },
  { key: "change" },
  { key: "status" },
  { key: "changes" },
  { key: "fromVersion" },
  { key: "version" },
  { key: "people" },
  { key: "audience" },
  { key: "willBeSent" },
  { key: "refused" },
  { key: "warnings" },
];

/** What people read: a line a change. */
export interface PlanLine {
  kind: string;
  name: string;
  change: string;
  field: string | null;
  from: string | null;
  to: string | null;
  /** `1 → 2` */
  version: string | null;
  people: number | null;
  audience: number | null;
}

export const lineColumns: Column<PlanLine>[] = [
  { key: "kind" },
  { key: "name" },
  { key: "change" },
  { key: "field" },
  { key: "from", as: "text" },
  { key: "to", as: "text" },
  { key: "version" },
  { key: "people", title: "In it", as: "number" },
  { key: "audience", as: "number" },
];

export function linesOf(plan: readonly Planned[]): PlanLine[] {
  return plan.flatMap((planned) => {
    const { kind, name, change, people, audience } = planned;
    const whole = { kind, name, change, version: versionOf(planned), people, audience };
    const fields = planned.changes.map(({ path, from, to }) => ({
      field: path,
      from: written(from),
      to: written(to),
    }));
    const [first = { field: null, from: null, to: null }, ...others] = fields;
    const same = { ...whole, version: null, people: null, audience: null };
    return [{ ...whole, ...first }, ...others.map((field) => ({ ...same, ...field }))];
  });
}

function versionOf({ change, fromVersion, version }: Planned): string | null {
  if (version === null) return null;
  return change === "changed" && fromVersion !== version ? `${fromVersion} → ${version}` : `${version}`;
}

const LONGEST = 60;

function written(value: Change["from"]): string | null {
  if (value === null) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
}

/** `2 created, 1 changed, 4 unchanged`, or that there is nothing to do. */
export function summaryOf(plan: readonly Planned[], folder: string): string {
  if (isDone(plan)) return `Nothing to do: the database is what ${folder} says.`;
  const counts = (["created", "changed", "unchanged", "refused"] as const).map((change) => ({
    change,
    count: plan.filter((each) => each.change === change).length,
  }));
  return `${counts.flatMap(({ change, count }) => (count === 0 ? [] : [`${count} ${change}`])).join(", ")}.`;
}

/** Every definition is in the database as it is in its file. */
export function isDone(plan: readonly Planned[]): boolean {
  return plan.every(({ change }) => change === "unchanged");
}
