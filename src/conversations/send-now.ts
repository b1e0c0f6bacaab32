import type { Context } from "../cli/context.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode } from "../errors.ts";
import text from "./conversations.sql";

const sql = namedQueries(text, "writtenMessage");

interface Written {
  id: string;
  senderId: string;
  status: string;
  error: string | null;
}

/**
 * Has a message that waits in the direct queue sent at once, and tells what became of it. It is written down already: what
 * goes wrong here loses nothing.
 * @param what "the answer", "the survey"
 * @returns 1 when the provider refused it, else 0
 */
export async function sendNow(context: Context, messageId: string, what: string): Promise<ExitCode> {
  const organization = await context.organization();
  const look = () =>
    context.operator(
      async (tx) => (await tx.one<Written>(sql.writtenMessage, [organization.id, messageId])) as Written,
    );
  const { sendDirectNow } = await import("../sending/send-direct.ts");
  const report = await sendDirectNow(context, (await look()).senderId);
  for (const fault of report.faults) context.out.warn((fault as Error).message);
  const { status, error } = await look();
  if (status === "failed") {
    context.out.fail(`${what} was not sent: ${error}`);
    return ExitCode.Failed;
  }
  if (status === "pending")
    context.out.say(`${capital(what)} is written; the next adsapp tick sends it before anything else.`);
  else if (status === "unknown")
    context.out.warn(`whether ${what} was sent is not known; it is not sent again, and its webhook may tell`);
  else context.out.say(`${capital(what)} was sent.`);
  return ExitCode.Done;
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
