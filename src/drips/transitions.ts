import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import type { Drip } from "./drip.ts";
import text from "./drips.sql";
import { findDrip } from "./find.ts";
import { dripFindings } from "./findings.ts";
import { definitionOf } from "./stored.ts";

const sql = namedQueries(text, "activateDrip", "pauseDrip", "archiveDrip", "archivedPeople");

/**
 * Lets a draft take people in, or a paused one go on: what waited moves by the time that was lost (migrations/010). As operator.
 * @throws UserError (1) in another state, or when something keeps it from being sent (findings.ts); (4) unknown; (5) for viewers
 */
export async function activateDrip(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<{ drip: Drip; warnings: string[] }> {
  const drip = await findDrip(tx, organizationId, nameOrId);
  if (drip.status !== "draft" && drip.status !== "paused") throw refusal(drip, "activated");
  const { errors, warnings } = await dripFindings(tx, organizationId, definitionOf(drip));
  if (errors.length > 0) throw notAllowed(`drip "${drip.name}" cannot be activated:\n${errors.join("\n")}`);
  return { drip: await change(tx, organizationId, drip.id, "activated", sql.activateDrip), warnings };
}

/** Stops an active drip where it stands: nothing more is dispatched after the next claim, and nobody enters. As operator. */
export function pauseDrip(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
  reason = "",
): Promise<Drip> {
  const why = reason.trim() || "paused by a person";
  return change(tx, organizationId, nameOrId, "paused", sql.pauseDrip, why);
}

/** Ends a drip for good: whoever is in it leaves, and what waited is skipped. As operator. @returns it, and how many left */
export async function archiveDrip(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<{ drip: Drip; dropped: number }> {
  const drip = await change(tx, organizationId, nameOrId, "archived", sql.archiveDrip);
  const people = await tx.one<{ dropped: number }>(sql.archivedPeople, [organizationId, drip.id]);
  return { drip, dropped: people?.dropped ?? 0 };
}

/** The state is checked inside the update: of two people at once, one is told. */
async function change(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
  verb: string,
  update: string,
  ...parameters: unknown[]
): Promise<Drip> {
  const { id } = await findDrip(tx, organizationId, nameOrId);
  const changed = await tx.run(update, [organizationId, id, ...parameters]);
  const drip = await findDrip(tx, organizationId, id);
  if (changed > 0) return drip;
  await refuseViewer(tx);
  throw refusal(drip, verb);
}

function refusal({ name, status }: Drip, verb: string) {
  return notAllowed(`drip "${name}" is ${status}: it cannot be ${verb}`);
}
