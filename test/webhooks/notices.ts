import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { owner } from "../../src/db/identity.ts";
import { type Setup, setup } from "./setup.ts";

export const WABA = "102290129340398";
export const NAME = "najaar_actie_v3";

export let s: Setup;

/** A database for a file's tests, whose books balance after each. */
export function useNotices(): void {
  beforeAll(async () => {
    s = await setup();
  });

  /** Nothing is left of the test before: a database for each would take half a minute. */
  beforeEach(async () => {
    await s.database.transaction(owner, async (tx) => {
      for (const table of [
        "account_notices",
        "webhook_inbox",
        "drip_campaigns",
        "bulk_campaigns",
        "message_templates",
      ])
        await tx.run(`delete from ${table}`);
      await tx.run("delete from senders where name <> 'main'");
      await tx.run(
        `update senders set state = 'active', halt_reason = null, halted_at = null, portfolio_id = null, quality = null, quality_at = null,
                waba_id = case when id = $1 then $2 end`,
        [s.sender.id, WABA],
      );
      await tx.run("delete from portfolios");
    });
  });

  afterEach(() => s.expectCleanAudit());
  afterAll(() => s.end());
}

/** A body about the account. @param seconds entry.time */
export const told = (field: string, value: object, seconds = 1_764_000_500, waba = WABA) =>
  JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: waba, time: seconds, changes: [{ field, value }] }],
  });

export const sender = () => s.row("select * from senders where id = $1", [s.sender.id]);
export const state = async () => (await sender()).state;
