import type { VariantNumbers } from "../variants.ts";
import { barsChart } from "./bars-chart.ts";
import type { Series } from "./columns-chart.ts";
import { html, type Markup } from "./markup.ts";
import { count, percent } from "./numbers.ts";
import { legend } from "./overview.ts";
import { labelled, nothing } from "./sections.ts";
import { type TableColumn, table } from "./table.ts";

const SHOWN: readonly Series[] = [
  { name: "Read", css: "read" },
  { name: "Wrote back within 7 days", css: "replied" },
];

const COUNTED = "by who wrote within 7 days of the first message";

/** The arms of one broadcast beside one another, on a page of days. Undefined: there is nothing to compare. */
export function variants(arms: readonly VariantNumbers[]): Markup | undefined {
  if (arms.length < 2) return undefined;
  return compared(
    arms,
    `Each is held against ${arms[0]?.variant ?? ""}, ${COUNTED}; of all its messages, whatever the days of this page.`,
  );
}

/** The same on a page of its own, which has to say where there is nothing to compare. */
export function variantsAlone(arms: readonly VariantNumbers[]): Markup {
  if (arms.length === 0) return nothing("Variants", "Nothing of it was sent yet.");
  if (arms.length === 1)
    return compared(
      arms,
      "It has no variants and nobody was held out, so there is nothing to hold it against.",
    );
  return compared(arms, `Each is held against ${arms[0]?.variant ?? ""}, ${COUNTED}.`);
}

function compared(arms: readonly VariantNumbers[], how: string): Markup {
  const rows = arms.map((arm) => ({
    name: arm.variant,
    note: `${count(arm.people)} people · ${inWords(arm)}`,
    bars: [labelled("read", arm.openRate), labelled("replied", arm.wroteBackRate)],
  }));
  return html`<section class="long"><h2>Variants</h2><p class="soft">${how}</p>${legend(SHOWN)}
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
