import type { Column } from "../cli/output/index.ts";
import type { Outlook } from "./outlook.ts";
import type { Preview, Sample } from "./preview.ts";
import type { Cost, CostLine } from "./rates.ts";

/** What scripts read. */
export const previewColumns: Column<Preview>[] = [
  { key: "name" },
  { key: "contacts" },
  { key: "notInTarget" },
  { key: "excluded" },
  { key: "targets" },
  { key: "willBeSent" },
  { key: "skipped" },
  { key: "samples" },
  { key: "forecast" },
  { key: "cost" },
  { key: "errors" },
  { key: "warnings" },
];

/** What people read. */
export interface PreviewSheet {
  name: string;
  notInTarget: number;
  excluded: string;
  targets: number;
  willBeSent: number;
  skipped: string;
  pace: string | null;
  startsAt: Date | null;
  finishesAt: Date | null;
  heldUpBy: string | null;
  cost: string | null;
}

export function previewSheetOf(preview: Preview): PreviewSheet {
  const { name, notInTarget, excluded, targets, willBeSent, skipped, forecast, cost } = preview;
  return {
    name,
    notInTarget,
    excluded: counts(
      Object.values(excluded).reduce((sum, count) => sum + count, 0),
      excluded,
    ),
    targets,
    willBeSent,
    skipped: counts(targets - willBeSent, skipped),
    pace: forecast === null ? null : paceOf(forecast),
    startsAt: forecast?.startsAt ?? null,
    finishesAt: forecast?.finishesAt ?? null,
    heldUpBy: forecast === null || forecast.heldUpBy.length === 0 ? null : forecast.heldUpBy.join(", "),
    cost: cost === null ? null : costText(cost),
  };
}

function counts(total: number, by: Record<string, number>): string {
  return [total, ...Object.entries(by).map(([reason, count]) => `${reason} ${count}`)].join("  ");
}

function costText({ total, unpriced }: Cost): string {
  const sums = Object.entries(total).map(([currency, amount]) => `${currency} ${amount.toFixed(2)}`);
  return [...sums, ...(unpriced > 0 ? [`${unpriced} without a price`] : [])].join(" + ") || "0";
}

function paceOf({ perSecond }: Outlook): string {
  return perSecond >= 1 ? `${perSecond} a second` : `${Math.round(perSecond * 3600)} an hour`;
}

/** A price has more digits than a table's numbers. */
export function pricedSheetOf(line: CostLine): PricedSheet {
  return { ...line, price: line.price === null ? null : String(line.price) };
}

type PricedSheet = Omit<CostLine, "price"> & { price: string | null };

export const costColumns: Column<PricedSheet>[] = [
  { key: "country" },
  { key: "category" },
  { key: "messages" },
  { key: "price" },
  { key: "amount" },
  { key: "currency" },
];

export const previewSheetColumns: Column<PreviewSheet>[] = [
  { key: "name" },
  { key: "notInTarget", title: "Not meant" },
  { key: "excluded", title: "Excluded" },
  { key: "targets", title: "Audience" },
  { key: "willBeSent" },
  { key: "skipped" },
  { key: "pace" },
  { key: "startsAt", title: "Starts", as: "time" },
  { key: "finishesAt", title: "Done at about", as: "time" },
  { key: "heldUpBy", title: "Held up by" },
  { key: "cost" },
];

export const sampleColumns: Column<Sample>[] = [
  { key: "to", as: "phone" },
  { key: "variant" },
  { key: "text", title: "Would read" },
  { key: "missing", title: "Skipped: has no" },
];
