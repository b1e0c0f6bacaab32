import type { Choice, Questions } from "../cli/questions.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { listTemplates, type Template } from "../templates/templates.ts";
import text from "./choices.sql";

const sql = namedQueries(text, "choicesOf");

/** A tag, or a list, with how many people it has; null: a dynamic list, whose people are counted when it is used. */
export interface Group {
  name: string;
  people: number | null;
}

/** What an organization has to choose from. */
export interface Choices {
  senders: { name: string; isDefault: boolean }[];
  /** the 200 that most people have */
  tags: Group[];
  lists: Group[];
  templates: Template[];
}

/** As operator. */
export async function loadChoices(tx: Transaction, organizationId: string): Promise<Choices> {
  const found = await tx.one<Omit<Choices, "templates">>(sql.choicesOf, [organizationId]);
  const templates = await listTemplates(tx, organizationId);
  return { ...(found as Omit<Choices, "templates">), templates };
}

/** @returns undefined for the default one, which needs no name; with one sender there is nothing to ask */
export async function askSender(ask: Questions, { senders }: Choices): Promise<string | undefined> {
  if (senders.length === 0) ask.say("There is no sender yet: adsapp sender add makes one.");
  if (senders.length < 2) return undefined;
  return ask.choose<string | undefined>(
    "Sender",
    senders.map(({ name, isDefault }) => ({
      value: isDefault ? undefined : name,
      name: isDefault ? `${name} (the default)` : name,
    })),
  );
}

export function groupChoices(groups: readonly Group[]): Choice<string>[] {
  return groups.map(({ name, people }) => ({
    value: name,
    name: people === null ? name : `${name} (${people})`,
  }));
}
