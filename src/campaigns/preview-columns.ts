import type { Column } from "../cli/output/index.ts";
import type { Forecast } from "./forecast.ts";
import type { Preview, Sample } from "./preview.ts";

/** What scripts read. */
export const previewColumns: Column<Preview>[] = [
  { key: "name" },
  { key: "targets" },
  { key: "willBeSent" },
  { key: "skipped" },
  { key: "samples" },
  { key: "forecast" },
  { key: "errors" },
  { key: "warnings" },
];

/** What people read. */
export interface PreviewSheet {
  name: string;
  targets: number;
  willBeSent: number;
  skipped: string;
  pace: string | null;
  startsAt: Date | null;
  finishesAt: Date | null;
}

export function previewSheetOf({ name, targets, willBeSent, skipped, forecast }: Preview): PreviewSheet {
  return {
    name,
    targets,
    willBeSent,
    skipped: [
      targets - willBeSent,
      ...Object.entries(skipped).map(([reason, count]) => `${reason} ${count}`),
    ].join("  "),
    pace: forecast === null ? null : paceOf(forecast),
    startsAt: forecast?.startsAt ?? null,
    finishesAt: forecast?.finishesAt ?? null,
  };
}

function paceOf({ perSecond }: Forecast): string {
  return perSecond >= 1 ? `${perSecond} a second` : `${Math.round(perSecond * 3600)} an hour`;
}

export const previewSheetColumns: Column<PreviewSheet>[] = [
  { key: "name" },
  { key: "targets", title: "Audience" },
  { key: "willBeSent" },
  { key: "skipped" },
  { key: "pace" },
  { key: "startsAt", title: "Starts", as: "time" },
  { key: "finishesAt", title: "Done at about", as: "time" },
];

export const sampleColumns: Column<Sample>[] = [
  { key: "to", as: "phone" },
  { key: "text", title: "Would read" },
  { key: "missing", title: "Skipped: has no" },
];
