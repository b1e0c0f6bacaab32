import type { Database, Transaction } from "../db/database.ts";
import { type Identity, worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import { writeDown } from "../organizations/audit-log.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import type { DripDefinition } from "./definition.ts";
import type { Drip } from "./drip.ts";
import text from "./drips.sql";
import { findDrip } from "./find.ts";
import { dripFindings } from "./findings.ts";
import { addSteps, columnsOf, differences } from "./save.ts";

const sql = namedQueries(text, "lockDrip", "updateDrip", "moveEnrollments");

export interface UpdatedDrip {
  drip: Drip;
  /** fields that are others now */
  changed: string[];
  warnings: string[];
}

/** What --migrate-active did: people who are on the current version now, steps with another time, people who are done by it. */
export interface Moved {
  moved: number;
  replanned: number;
  completed: number;
}

/**
 * Makes a saved drip what the definition of its name says. Other steps are a new version, which people enter from now on;
 * whoever is in the drip stays on theirs. Trigger, settings, exits and sender hold for everyone at once. As operator; of two
 * at once, the later one is the last version.
 * @throws UserError (1) when it is archived, or active and could not be sent like this; (4) unknown; (5) for viewers
 */
export async function updateDrip(
  tx: Transaction,
  organizationId: string,
  definition: DripDefinition,
): Promise<UpdatedDrip> {
  const { id } = await findDrip(tx, organizationId, definition.name);
  const locked = await tx.one<{ lastVersion: number }>(sql.lockDrip, [organizationId, id]);
  if (locked === undefined) await refuseViewer(tx);
  const drip = await findDrip(tx, organizationId, id);
  if (drip.status === "archived") throw notAllowed(`drip "${drip.name}" is archived: it cannot be changed`);
  const changed = differences(drip, definition);
  const { errors, warnings } = await dripFindings(tx, organizationId, definition);
  const told = [...errors, ...warnings];
  if (changed.length === 0) return { drip, changed, warnings: told };
  if (drip.status === "active" && errors.length > 0)
    throw notAllowed(`drip "${drip.name}" is active and could not be sent like this:\n${errors.join("\n")}`);
  const version = changed.includes("steps") ? (locked?.lastVersion ?? drip.version) + 1 : drip.version;
  if (version !== drip.version) await addSteps(tx, organizationId, id, version, definition);
  const columns = await columnsOf(tx, organizationId, definition);
  await tx.run(sql.updateDrip, [organizationId, id, ...columns, version]);
  return { drip: await findDrip(tx, organizationId, id), changed, warnings: told };
}

/**
 * Brings everyone who is in a drip to its current version (migrations/015, move_drip_enrollments). It can be repeated: were
 * it cut off, the next one goes on.
 * @param asOperator who asks: the drip has to be theirs, and viewers are refused (5)
 */
export async function migrateActive(
  database: Database,
  asOperator: Identity,
  organizationId: string,
  nameOrId: string,
): Promise<Moved> {
  const { id } = await database.transaction(asOperator, async (tx) => {
    await refuseViewer(tx);
    return findDrip(tx, organizationId, nameOrId);
  });
  return database.transaction(worker, async (tx) => {
    const moved = (await tx.one<Moved>(sql.moveEnrollments, [organizationId, id])) as Moved;
    if (moved.moved + moved.completed > 0)
      await writeDown(tx, {
        organizationId,
        actor: asOperator.role === "operator" ? asOperator.profileId : null,
        action: "move",
        subject: "drip_campaigns",
        subjectId: id,
        details: moved,
      });
    return moved;
  });
}
