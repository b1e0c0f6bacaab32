import { UserError } from "../errors.ts";
import { visible, visibleLines } from "./output/visible.ts";
import { isTerminal, prompted, type Terminal } from "./prompt.ts";

export interface Choice<V> {
  value: V;
  /** what is read in the list; text from people may be in it */
  name: string;
  /** shown below the list while it is the chosen one */
  description?: string;
}

/** Whether an answer will do; a text says what is wrong with it. */
export type Check = (answer: string) => true | string | Promise<true | string>;

/** Step by step questions on a terminal. */
export interface Questions {
  text(message: string, options?: { default?: string; check?: Check }): Promise<string>;
  choose<V>(message: string, choices: readonly Choice<V>[]): Promise<V>;
  chooseMany<V>(message: string, choices: readonly Choice<V>[], options?: { atLeast?: number }): Promise<V[]>;
  confirm(message: string, otherwise: boolean): Promise<boolean>;
  /** beside the questions, where they are asked */
  say(text: string): void;
}

const PAGE = 12;

/**
 * @param instead what to do off a terminal, where nothing is ever asked
 * @throws UserError (2) off a terminal; each question throws (130) when it is interrupted
 */
export function questions(terminal: Terminal, instead: string, stopping?: AbortSignal): Questions {
  if (!isTerminal(terminal)) throw new UserError(instead, { hint: "On a terminal it asks step by step." });
  const ask = <T>(question: Parameters<typeof prompted<T>>[1]) => prompted(terminal, question, stopping);
  return {
    text: (message, { default: otherwise, check } = {}) =>
      ask((prompts, context) =>
        prompts.input(
          {
            message: visible(message),
            ...(otherwise === undefined ? {} : { default: otherwise }),
            ...(check === undefined ? {} : { validate: check }),
          },
          context,
        ),
      ),
    choose: (message, choices) =>
      ask((prompts, context) =>
        prompts.select(
          { message: visible(message), choices: choices.map(shown), pageSize: PAGE, loop: false },
          context,
        ),
      ),
    chooseMany: (message, choices, { atLeast = 0 } = {}) =>
      ask((prompts, context) =>
        prompts.checkbox(
          {
            message: visible(message),
            choices: choices.map(shown),
            pageSize: PAGE,
            loop: false,
            validate: (chosen) => chosen.length >= atLeast || "Choose one at least: the space bar marks it.",
          },
          context,
        ),
      ),
    confirm: (message, otherwise) =>
      ask((prompts, context) => prompts.confirm({ message: visible(message), default: otherwise }, context)),
    say: (text) => void terminal.stdout.write(`${visibleLines(text)}\n`),
  };
}

function shown<V>({ value, name, description }: Choice<V>) {
  return {
    value,
    name: visible(name),
    short: visible(name),
    ...(description === undefined ? {} : { description: visible(description) }),
  };
}
