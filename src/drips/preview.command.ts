import { InvalidArgumentError } from "commander";
import { defineCommand } from "../cli/command.ts";
import { type Context, parseInstant } from "../cli/context.ts";
import { UserError } from "../errors.ts";
import { fileDefinition } from "./named.ts";
import type { Rehearsal, Source } from "./preview.ts";
import {
  dayColumns,
  dayLineColumns,
  dayLinesOf,
  endOf,
  stepColumns,
  timetableColumns,
} from "./preview-columns.ts";
import { previewContact } from "./preview-contact.ts";
import { previewDays } from "./preview-days.ts";

interface Options {
  file?: string;
  contact?: string;
  at?: string;
  days?: number;
}

const MOST_DAYS = 3660;

export default defineCommand<[string | undefined], Options>({
  description:
    "What a drip would do, by the SQL that sends, and taken back: for one contact each step with its time and text, to the end; or with\n--days the messages by local day of everyone who is in it (of a draft or a file: who has its trigger's tag). Changes nothing. As JSON,\n--contact gives drip, contact, refused, steps (step, at, delay, outcome, reason, text), end, exitReason, endsAt, warnings; --days a\nlist of date, messages, share (percent of what the sender can send in a day).",
  examples: [
    'adsapp drip preview "Nieuwe Lead Opvolging" --contact +31612345678',
    'adsapp drip preview "Nieuwe Lead Opvolging" --days 30 --format csv',
    "adsapp drip preview -f fixtures/lead.yaml --contact +31612345678 --at 2026-11-27T10:00:00+01:00",
  ],
  declare(command) {
    command
      .argument("[drip]", "name or id")
      .option("-f, --file <file>", "a definition instead; - reads stdin")
      .option("--contact <phone>", "a phone in any spelling, or an id")
      .option("--at <time>", "when the contact enters (default: now)")
      .option("--days <n>", "messages by day, from today on", wholeDays);
  },
  async run(context, options, name) {
    const { contact, days } = options;
    if ((contact === undefined) === (days === undefined)) throw new UserError("say --contact or --days");
    if (days !== undefined && options.at !== undefined) throw new UserError("--at goes with --contact");
    const at = options.at === undefined ? undefined : parseInstant(options.at, "--at");
    const source = await sourceOf(name, options.file);
    const rehearsal = {
      database: await context.database(),
      identity: await context.identity(),
      organization: await context.organization(),
    };
    if (days !== undefined) return showDays(context, rehearsal, source, days);
    await showContact(context, rehearsal, source, contact as string, at);
  },
});

async function showContact(
  { out }: Context,
  rehearsal: Rehearsal,
  source: Source,
  contact: string,
  at: Date | undefined,
): Promise<void> {
  const timetable = await previewContact(rehearsal, source, contact, at);
  for (const text of timetable.warnings) out.warn(text);
  if (timetable.refused !== null) out.warn(`the contact would not enter: ${timetable.refused}`);
  if (out.format === "json") return out.record(timetable, timetableColumns);
  await out.list(timetable.steps, stepColumns, { empty: "Nothing would be sent." });
  if (timetable.end !== null) out.say(endOf(timetable));
}

async function showDays({ out }: Context, rehearsal: Rehearsal, source: Source, days: number): Promise<void> {
  const outlook = await previewDays(rehearsal, source, days);
  for (const text of outlook.warnings) out.warn(text);
  for (const [reason, count] of Object.entries(outlook.refused))
    out.warn(`${count} would not enter: ${reason}`);
  if (outlook.people !== null) out.say(`${outlook.people} people, sender ${outlook.sender ?? "none"}`);
  if (out.format !== "table") return out.list(outlook.days, dayColumns);
  await out.list(dayLinesOf(outlook.days), dayLineColumns);
}

async function sourceOf(name: string | undefined, file: string | undefined): Promise<Source> {
  if (name !== undefined && file === undefined) return { name };
  if (name === undefined && file !== undefined) return { definition: await fileDefinition(file) };
  throw new UserError("name a drip, or a file with -f");
}

function wholeDays(text: string): number {
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > MOST_DAYS)
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${MOST_DAYS}.`);
  return days;
}
