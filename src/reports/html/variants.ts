import type { VariantNumbers } from "../variants.ts";
import { barsChart } from "./bars-chart.ts";
import type { Series } from "./columns-chart.ts";
import { html, type Markup } from "./markup.ts";
import { count, percent } from "./numbers.ts";
import { legend } from "./overview.ts";
import { labelled } from "./sections.ts";
import { type TableColumn, table } from "./table.ts";

const SHOWN: readonly Series[] = [
  { name: "Read", css: "read" },
  { name: "Wrote back within 7 days", css: "replied" },
];

/** The arms of one broadcast beside one another. Undefined: there is nothing to compare. */
export function variants(arms: readonly VariantNumbers[]): Markup | undefined {
  if (arms.length < 2) return undefined;
  const rows = arms.map((arm) => ({
    name: arm.variant,
    note: `${count(arm.people)} people · ${inWords(arm)}`,
    bars: [labelled("read", arm.openRate), labelled("replied", arm.wroteBackRate)],
  }));
  return html`<section class="long"><h2>Variants</h2><p class="soft">Each is held against ${arms[0]?.variant ?? ""}, by who wrote within 7 days of the first message; of all its messages, whatever the days of this page.</p>${legend(SHOWN)}
${barsChart("variants", "Variants compared", "Rates of read and of people who wrote back for each variant; the table below has the numbers.", rows)}
${table("Variants", COLUMNS, arms)}</section>`;
}

function inWords({ verdict, lift }: VariantNumbers): string {
  if (verdict === "baseline") return "the others are held against it";
  return verdict === "not shown" ? "no difference shown" : `${verdict} by ${points(lift)} points`;
}

function points(value: number | null): string {
  return value === null ? "–" : value.toFixed(1).replace("-", "−");
}

const COLUMNS: TableColumn<VariantNumbers>[] = [
  { title: "Variant", cell: ({ variant }) => variant },
  { title: "People", cell: (arm) => count(arm.people), isNumber: true },
  { title: "Read", cell: (arm) => percent(arm.openRate), isNumber: true },
  { title: "Replied", cell: (arm) => percent(arm.replyRate), isNumber: true },
  { title: "Wrote back", cell: (arm) => percent(arm.wroteBackRate), isNumber: true },
  { title: "Opt-outs", cell: (arm) => count(arm.optedOut), isNumber: true },
  { title: "Lift (points)", cell: ({ lift }) => points(lift), isNumber: true },
  {
    title: "95 % interval",
    cell: ({ liftLow, liftHigh }) => (liftLow === null ? "–" : `${points(liftLow)} to ${points(liftHigh)}`),
    isNumber: true,
  },
  { title: "Verdict", cell: ({ verdict }) => verdict },
];
