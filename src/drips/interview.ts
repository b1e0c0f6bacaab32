import { askSender, type Choices, groupChoices } from "../campaigns/choices.ts";
import { askName } from "../campaigns/interview.ts";
import type { Check, Questions } from "../cli/questions.ts";
import { timeOfDay } from "../definitions/strict.ts";
import { dripTriggers, WORDS } from "../definitions/triggers.ts";
import { askMessage } from "../templates/ask-message.ts";
import { delay } from "./definition.ts";

/** What the questions of a drip stand on. */
export interface Ground {
  choices: Choices;
  isTaken(name: string): Promise<boolean>;
}

const MOST_STEPS = 100;

/** Asks for a drip, step by step. @returns its fields as a file would have them, with `kind` */
export async function askDrip(ask: Questions, { choices, isTaken }: Ground): Promise<object> {
  const name = await askName(ask, "drip", isTaken);
  const sender = await askSender(ask, choices);
  const trigger = await askTrigger(ask, choices);
  const settings = await askSettings(ask);
  const exitWhen = await askExits(ask, choices);
  return {
    kind: "drip",
    name,
    ...(sender === undefined ? {} : { sender }),
    trigger,
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
    ...(exitWhen.length === 0 ? {} : { exitWhen }),
    steps: await askSteps(ask, choices),
  };
}

async function askTrigger(ask: Questions, { tags }: Choices): Promise<object> {
  const type = await ask.choose(
    "Who enters it?",
    Object.entries(WORDS).map(([value, { who, by }]) => ({ value, name: who, description: by })),
  );
  const fields = dripTriggers.options.find(({ shape }) => shape.type.value === type)?.shape ?? {};
  if ("tag" in fields) return { type, tag: await askTag(ask, tags) };
  if ("event" in fields) return { type, event: await ask.text("Name of the event", { check: isWord }) };
  return { type };
}

/** One that is there, or one to come. */
async function askTag(ask: Questions, tags: Choices["tags"]): Promise<string> {
  const other = { value: undefined, name: "another tag" };
  const tag = await ask.choose<string | undefined>("Tag", [...groupChoices(tags), other]);
  return tag ?? (await ask.text("Which one", { check: isWord })).trim();
}

async function askSettings(ask: Questions): Promise<object> {
  const stopOnReply = await ask.confirm("Does whoever answers leave the drip?", true);
  const respectBusinessHours = await ask.confirm("Only in business hours?", false);
  return {
    ...(stopOnReply ? {} : { stopOnReply }),
    ...(respectBusinessHours ? { respectBusinessHours } : {}),
  };
}

async function askExits(ask: Questions, { tags }: Choices): Promise<object[]> {
  if (tags.length === 0 || !(await ask.confirm("Does a tag make people leave it?", false))) return [];
  const chosen = await ask.chooseMany("Whoever has one of these leaves", groupChoices(tags));
  return chosen.map((tag) => ({ tag }));
}

async function askSteps(ask: Questions, choices: Choices): Promise<object[]> {
  const steps: object[] = [];
  do {
    const number = steps.length + 1;
    ask.say(`Step ${number}`);
    const wait = number === 1 ? "How long after somebody entered" : `How long after step ${number - 1}`;
    const delayed = await ask.text(`${wait} (10m, 3h, 2d, 1w)`, {
      default: number === 1 ? "0m" : "1d",
      check: isDelay,
    });
    const sendAt = await ask.text("At what time of that day, such as 10:00 (nothing: at once)", {
      check: isTimeOrNothing,
    });
    const message = await askMessage(ask, choices.templates);
    steps.push({ delay: delayed, ...(sendAt === "" ? {} : { sendAt }), message });
  } while (steps.length < MOST_STEPS && (await ask.confirm("Another step?", false)));
  return steps;
}

const isWord: Check = (answer) =>
  (answer.trim() !== "" && answer.trim().length <= 200) || "Write a name, of 200 characters at most.";
const isDelay: Check = (answer) =>
  delay.safeParse(answer).success || "Write a delay such as 10m, 3h, 2d or 1w.";
const isTimeOrNothing: Check = (answer) =>
  answer === "" || timeOfDay.safeParse(answer).success || "Write a time such as 10:00, or nothing.";
