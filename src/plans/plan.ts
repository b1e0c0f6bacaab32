import { isDeepStrictEqual } from "node:util";
import { type Reach, reachOf } from "../campaigns/reach.ts";
import type { Context } from "../cli/context.ts";
import type { Transaction } from "../db/database.ts";
import { rehearse } from "../drips/preview.ts";
import { notAllowed, UserError } from "../errors.ts";
import { readExisting } from "./existing.ts";
import { type DefinitionFile, nameOf } from "./folder.ts";
import { applyDefinition, type Outcome } from "./kinds.ts";

/** What one file of a folder does to the database. */
export interface Planned extends Omit<Outcome, "change" | "findings"> {
  file: string;
  kind: string;
  name: string;
  change: Outcome["change"] | "refused";
  /** why it cannot be */
  refused: string | null;
  /** people in the audience of a broadcast that is new or changed, and those of them who may be messaged */
  audience: number | null;
  willBeSent: number | null;
}

/** With what the audience is counted by, where there is one to count. */
type Counted = Planned & Pick<Outcome, "findings">;

/**
 * What apply would do: it is done, told, and taken back, so that a file finds what another one of the folder brings along. Played
 * as worker, since who only reads may ask it too: each query is within the organization.
 */
export async function planFiles(context: Context, files: readonly DefinitionFile[]): Promise<Planned[]> {
  const { id } = await context.organization();
  const plan = await rehearse(await context.database(), (tx) => applyAll(tx, id, files));
  return withAudiences(context, files, plan);
}

/**
 * Does in one transaction what was planned.
 * @throws UserError (1) when something is refused, or is not as it was planned any more; nothing is changed then
 */
export async function applyFiles(
  context: Context,
  files: readonly DefinitionFile[],
  planned: readonly Planned[],
): Promise<void> {
  refuse(planned);
  const { id } = await context.organization();
  await context.operator(async (tx) => {
    const done = await applyAll(tx, id, files);
    refuse(done);
    if (isDeepStrictEqual(done.map(whatItDoes), planned.map(whatItDoes))) return;
    throw notAllowed(
      "the database changed meanwhile: this is not what was planned",
      "Look at the plan again.",
    );
  });
}

/** What is to be changed, definition by definition, each by the door of its kind. */
async function applyAll(
  tx: Transaction,
  organizationId: string,
  files: readonly DefinitionFile[],
): Promise<Counted[]> {
  const existing = await readExisting(
    tx,
    organizationId,
    files.map(({ definition }) => definition),
  );
  const plan: Counted[] = [];
  for (const { file, definition } of files) {
    const named = { file, kind: definition.kind, name: nameOf(definition), audience: null, willBeSent: null };
    try {
      plan.push({
        ...named,
        refused: null,
        ...(await applyDefinition(tx, organizationId, definition, existing)),
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      plan.push({ ...named, ...REFUSED, refused: error.message });
    }
  }
  return plan;
}

const REFUSED = {
  change: "refused",
  status: null,
  changes: [],
  fromVersion: null,
  version: null,
  people: null,
  warnings: [],
} as const satisfies Partial<Planned>;

function refuse(plan: readonly Planned[]): void {
  const refused = plan.filter(({ change }) => change === "refused");
  if (refused.length === 0) return;
  const lines = refused.map(({ file, refused: why }) => `${file}: ${why}`);
  throw notAllowed(lines.join("\n"), "Nothing was changed.");
}

/** Without what moves by itself: how many people are where. */
function whatItDoes({ file, change, changes, status, fromVersion, version, refused }: Planned): object {
  return { file, change, changes, status, fromVersion, version, refused };
}

/** As worker: below a policy conditions are asked of each contact in turn. */
async function withAudiences(
  context: Context,
  files: readonly DefinitionFile[],
  plan: readonly Counted[],
): Promise<Planned[]> {
  const { id } = await context.organization();
  const counted: Planned[] = [];
  for (const [n, { findings, ...planned }] of plan.entries()) {
    const definition = files[n]?.definition;
    const reach: Reach | undefined =
      definition?.kind === "broadcast" && findings !== undefined
        ? await context.worker((tx) => reachOf(tx, id, definition, findings))
        : undefined;
    counted.push({ ...planned, audience: reach?.targets ?? null, willBeSent: reach?.willBeSent ?? null });
  }
  return counted;
}
