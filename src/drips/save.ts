import { isDeepStrictEqual } from "node:util";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import { findSender } from "../senders/senders.ts";
import { type DripDefinition, dripInput } from "./definition.ts";
import type { Drip } from "./drip.ts";
import text from "./drips.sql";
import { findDrip } from "./find.ts";

const sql = namedQueries(text, "saveDrip", "addSteps");

/**
 * Saves a drip as a draft with version 1. As operator. Without a sender it goes by the organization's default one.
 * @param ifNotExists answer an existing one that is alike
 * @throws UserError (1) when the name is taken, or the existing one differs; (4) for a sender that does not exist
 */
export async function saveDrip(
  tx: Transaction,
  organizationId: string,
  definition: DripDefinition,
  ifNotExists = false,
): Promise<Drip> {
  const saved = await tx.one<{ id: string }>(sql.saveDrip, [
    organizationId,
    definition.name,
    ...(await columnsOf(tx, organizationId, definition)),
  ]);
  if (saved !== undefined) await addSteps(tx, organizationId, saved.id, 1, definition);
  const drip = await findDrip(tx, organizationId, saved?.id ?? definition.name);
  if (saved === undefined) refuseOther(drip, definition, ifNotExists);
  return drip;
}

/** What is not a matter of versions: trigger type and config, settings, exit_when, sender. */
export async function columnsOf(
  tx: Transaction,
  organizationId: string,
  { trigger, settings, exitWhen, sender }: DripDefinition,
): Promise<unknown[]> {
  const { type, ...config } = trigger;
  const found = sender === undefined ? undefined : await findSender(tx, organizationId, sender);
  return [type, ...[config, settings, exitWhen].map((value) => JSON.stringify(value)), found?.id ?? null];
}

export function addSteps(
  tx: Transaction,
  organizationId: string,
  id: string,
  version: number,
  { steps }: DripDefinition,
): Promise<number> {
  return tx.run(sql.addSteps, [organizationId, id, version, JSON.stringify(steps)]);
}

/** The fields in which a saved drip is another than this definition; without a sender it would have the default one. */
export function differences(existing: Drip, wanted: DripDefinition): (keyof DripDefinition)[] {
  const { trigger, settings, exitWhen, steps, sender } = existing;
  const stored: Record<string, unknown> = { trigger, settings, exitWhen, steps, sender: sender ?? undefined };
  return (["trigger", "sender", "settings", "exitWhen", "steps"] as const).filter(
    (field) => !isDeepStrictEqual(normal(field, stored[field]), wanted[field]),
  );
}

/** As the schema reads it; what was written by other means, and cannot be read, differs from all. */
function normal(field: keyof DripDefinition, value: unknown): unknown {
  const read = dripInput.shape[field].safeParse(value);
  return read.success ? read.data : value;
}

function refuseOther(existing: Drip, wanted: DripDefinition, ifNotExists: boolean): void {
  const differing = differences(existing, wanted);
  if (ifNotExists && differing.length === 0) return;
  const how = differing.length > 0 ? ` with another ${differing.join(", ")}` : "";
  throw notAllowed(
    `a drip "${existing.name}" exists${how}`,
    "adsapp drip update changes it; --if-not-exists accepts one that is alike.",
  );
}
