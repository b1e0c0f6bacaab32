import { worker } from "../../src/db/identity.ts";
import { logsOf } from "../support/drip-factories.ts";
import { type DripBase, useDatabase } from "./drip-setup.ts";

export let base: DripBase;

/** A database for a file's tests. */
export function useDripLife(): void {
  base = useDatabase();
}

export const run = (sql: string, ...parameters: unknown[]) =>
  base.database.transaction(worker, (tx) => tx.run(sql, parameters));
export const leave = (id: string, status: string, reason: string | null = null) =>
  run("update drip_enrollments set status = $2, exit_reason = $3 where id = $1", id, status, reason);
export const pauseOne = "update drip_enrollments set status = 'paused' where id = $1";
export const resumeOne = "update drip_enrollments set status = 'active' where id = $1";
export const setDrip = "update drip_campaigns set status = $2 where id = $1";
export const now = async ({ id }: { id: string }) =>
  (await base.database.transaction(worker, (tx) =>
    tx.one<{ status: string; exitReason: string | null; nextMessageAt: Date | null; ended: boolean }>(
      "select status, exit_reason, next_message_at, ended_at is not null as ended from drip_enrollments where id = $1",
      [id],
    ),
  )) as { status: string; exitReason: string | null; nextMessageAt: Date | null; ended: boolean };
export const log = async (of: { id: string }) => (await logsOf(base.database, of)).at(-1);
export const near = (moment: number | string) => ({
  asymmetricMatch: (value: number) => Math.abs(value - new Date(moment).getTime()) < 5_000,
});
