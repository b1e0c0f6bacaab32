import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, notAllowed, notFound, UserError } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import text from "./conversations.sql";
import { type Survey, surveyFor } from "./survey.ts";

const sql = namedQueries(
  text,
  "assignConversation",
  "reply",
  "survey",
  "surveyOf",
  "closeConversation",
  "rateConversation",
);

/** Gives it to an agent. As operator. @throws UserError (1) when it is closed, (5) for viewers */
export async function assignConversation(
  tx: Transaction,
  organizationId: string,
  id: string,
  agentId: string,
): Promise<void> {
  await refuseViewer(tx);
  if ((await tx.run(sql.assignConversation, [organizationId, id, agentId])) === 0) throw isClosed();
}

/**
 * Writes an agent's answer, which the direct queue sends; the conversation is that agent's from then on if it was
 * nobody's. As operator. @param text 1 to 4096 characters @returns the message's id
 * @throws UserError (1) closed, blocked or outside the service window, (2) for the text, (5) for viewers
 */
export async function reply(tx: Transaction, id: string, text: string): Promise<string> {
  const written = await tx.one<{ id: string }>(sql.reply, [id, text]).catch(tell);
  return (written as { id: string }).id;
}

/** What closing did: the survey's message, or why none was sent. */
export interface Closed {
  surveyId: string | null;
  withoutSurvey: string | null;
}

/**
 * Ends it; whoever closes a conversation that is nobody's has it. As operator.
 * @param wish asks the person for a figure first (true), does not (false), or as the organization has it (undefined)
 * @throws UserError (1) when it is closed already, (5) for viewers
 */
export async function closeConversation(
  tx: Transaction,
  organizationId: string,
  id: string,
  wish: boolean | undefined,
): Promise<Closed> {
  await refuseViewer(tx);
  const asked = await askForRating(tx, organizationId, id, wish);
  if ((await tx.run(sql.closeConversation, [organizationId, id])) === 0) throw isClosed();
  return asked;
}

async function askForRating(
  tx: Transaction,
  organizationId: string,
  id: string,
  wish: boolean | undefined,
): Promise<Closed> {
  const known = await tx.one<{ settings: Partial<Survey> | null; language: string | null }>(sql.surveyOf, [
    organizationId,
    id,
  ]);
  if (!(wish ?? known?.settings?.always === true)) return { surveyId: null, withoutSurvey: null };
  const { text, button } = surveyFor(known?.language ?? null, known?.settings ?? {});
  await tx.run("savepoint survey");
  try {
    const sent = await tx.one<{ id: string }>(sql.survey, [id, text, button]);
    return { surveyId: sent?.id ?? null, withoutSurvey: null };
  } catch (error) {
    if ((error as { code?: string }).code !== NOT_NOW) return tell(error as Error);
    await tx.run("rollback to savepoint survey");
    return { surveyId: null, withoutSurvey: (error as Error).message };
  }
}

/**
 * Writes down a figure that the person gave in another way than by the survey. As operator.
 * @param score 1 to 5 @throws UserError (1) when there is one, (2) for the score, (5) for viewers
 */
export async function rateConversation(
  tx: Transaction,
  organizationId: string,
  id: string,
  score: number,
  comment: string | undefined,
): Promise<void> {
  await refuseViewer(tx);
  if (!Number.isInteger(score) || score < 1 || score > 5) throw new UserError("a rating is from 1 to 5");
  if ((await tx.run(sql.rateConversation, [organizationId, id, score, comment ?? null])) === 0)
    throw notAllowed("the conversation has a rating already", "The first one stays.");
}

function isClosed(): UserError {
  return notAllowed("the conversation is closed", "What the person writes next opens another one.");
}

/** The SQLSTATE by which the database says that the conversation's state does not allow it. */
const NOT_NOW = "55000";

/** The functions of the migration say what is wrong; here it gets its exit code. */
function tell(error: Error & { code?: string; hint?: string }): never {
  if (error.code === NOT_NOW) throw notAllowed(error.message, error.hint);
  if (error.code === "P0002") throw notFound("conversation", /"(.*)"/.exec(error.message)?.[1] ?? "");
  if (error.code === "23514") throw new UserError(error.message);
  if (error.code === "42501")
    throw new UserError(error.message, {
      hint: "--as EMAIL acts as another profile.",
      exitCode: ExitCode.Forbidden,
    });
  throw error;
}
