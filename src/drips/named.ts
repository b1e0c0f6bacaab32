import type { Context } from "../cli/context.ts";
import { readDefinition } from "../definitions/read.ts";
import { UserError } from "../errors.ts";
import { type DripDefinition, dripSchema } from "./definition.ts";
import { findDrip } from "./find.ts";
import { definitionOf } from "./stored.ts";

/** The definition that a command is about: a file's, or a saved drip's. @throws UserError when neither or both are named */
export async function namedDefinition(
  context: Context,
  name: string | undefined,
  file: string | undefined,
): Promise<DripDefinition> {
  if ((name === undefined) === (file === undefined)) throw new UserError("name a drip, or a file with -f");
  if (file !== undefined) return fileDefinition(file);
  const { id } = await context.organization();
  return definitionOf(await context.operator((tx) => findDrip(tx, id, name as string)));
}

export async function fileDefinition(file: string): Promise<DripDefinition> {
  const { kind: _kind, ...definition } = await readDefinition(file, dripSchema);
  return definition;
}
