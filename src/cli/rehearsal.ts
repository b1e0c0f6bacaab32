import type { Transaction } from "../db/database.ts";
import { UserError } from "../errors.ts";

/**
 * With a clock of one's own the world is a rehearsal: nothing that writes may meet real phones (design: architecture, time).
 * As worker.
 * @param organizationId undefined: every organization's senders
 * @param what what sets the clock: `--now`
 * @throws UserError (2) where a sender uses Meta's host
 */
export async function refuseRealSenders(
  tx: Transaction,
  organizationId: string | undefined,
  what: string,
): Promise<void> {
  const real = await tx.one<{ name: string }>(
    `select name from senders where provider = 'whatsapp-cloud' and ($1::uuid is null or organization_id = $1)
        and api_url ~* '^[a-z]+://([^/]*\\.)?facebook\\.com\\.?(:[0-9]+)?(/|$)' limit 1`,
    [organizationId ?? null],
  );
  if (real === undefined) return;
  throw new UserError(`${what} is refused: sender "${real.name}" uses Meta's host, and this command writes`, {
    hint: "Rehearse in an organization whose senders use the simulator or --provider log.",
  });
}
