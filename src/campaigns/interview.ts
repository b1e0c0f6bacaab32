import type { Check, Questions } from "../cli/questions.ts";
import { pointInTime } from "../definitions/strict.ts";
import { askMessage } from "../templates/ask-message.ts";
import { askAudience } from "./ask-audience.ts";
import { askSender, type Choices } from "./choices.ts";
import { cronFault } from "./cron.ts";
import type { Reach } from "./reach.ts";

/** What the questions of a broadcast stand on. */
export interface Ground {
  choices: Choices;
  /** the organization's */
  timezone: string;
  isTaken(name: string): Promise<boolean>;
  /** of a broadcast with these fields so far */
  reach(fields: object): Promise<Reach>;
}

const TYPES = [
  { value: "promotional", name: "promotional", description: "Marketing: not to people who opted out." },
  {
    value: "transactional",
    name: "transactional",
    description: "About something that the person bought or asked for.",
  },
  { value: "notification", name: "notification", description: "News that is no marketing." },
  { value: "survey", name: "survey", description: "Counts as marketing." },
];

/** Asks for a broadcast, step by step. @returns its fields as a file would have them, with `kind` */
export async function askBroadcast(ask: Questions, ground: Ground): Promise<object> {
  const { choices } = ground;
  const name = await askName(ask, "campaign", ground.isTaken);
  const type = await ask.choose("What kind of broadcast is it?", TYPES);
  const sender = await askSender(ask, choices);
  const targetAudience = await askAudience(ask, choices, (audience) =>
    ground.reach({ name, type, sender, targetAudience: audience }),
  );
  const message = await askMessage(ask, choices.templates);
  const scheduling = await askScheduling(ask, ground.timezone);
  const rateLimiting = await askPace(ask);
  return {
    kind: "broadcast",
    name,
    type,
    ...(sender === undefined ? {} : { sender }),
    targetAudience,
    message,
    ...(scheduling === undefined ? {} : { scheduling }),
    ...(rateLimiting === undefined ? {} : { rateLimiting }),
  };
}

export async function askName(
  ask: Questions,
  noun: string,
  isTaken: (name: string) => Promise<boolean>,
): Promise<string> {
  const check: Check = async (answer) => {
    const name = answer.trim();
    if (name === "" || name.length > 200) return "Write a name, of 200 characters at most.";
    return !(await isTaken(name)) || `There is a ${noun} of that name.`;
  };
  return (await ask.text("Name", { check })).trim();
}

async function askScheduling(ask: Questions, timezone: string): Promise<object | undefined> {
  const when = await ask.choose("When is it sent?", [
    { value: "now", name: "as soon as it is started" },
    { value: "at", name: `at a time (${timezone})` },
    { value: "contact", name: "at a time, each contact's own" },
    { value: "recurring", name: "again and again" },
  ]);
  if (when === "now") return undefined;
  if (when === "recurring") {
    const isCron: Check = (answer) => cronFault(answer) ?? true;
    const cron = await ask.text('When, as cron has it ("0 10 * * MON" is Mondays at ten)', { check: isCron });
    return { type: "recurring", cron, timezone };
  }
  const isTime: Check = (answer) =>
    pointInTime.safeParse(answer).success || "Write a time such as 2026-11-27T10:00.";
  const scheduledAt = await ask.text("Time, such as 2026-11-27T10:00", { check: isTime });
  return { type: "scheduled", scheduledAt, timezone: when === "contact" ? "contact" : timezone };
}

async function askPace(ask: Questions): Promise<object | undefined> {
  const isCount: Check = (answer) =>
    answer === "" ||
    (/^\d{1,7}$/.test(answer) && Number(answer) >= 1 && Number(answer) <= 3_600_000) ||
    "Write a number, or nothing.";
  const most = await ask.text("Messages an hour at most (nothing: as fast as the sender may)", {
    check: isCount,
  });
  return most === "" ? undefined : { enabled: true, messagesPerHour: Number(most) };
}
