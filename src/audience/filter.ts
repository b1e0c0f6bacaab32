import { checkDefinition, readDefinition } from "../definitions/read.ts";
import { UserError } from "../errors.ts";
import { type Condition, conditionSchema, listsIn } from "./condition-schema.ts";

/** A condition as a command takes it: JSON, or the name of a file (YAML or JSON). @throws UserError (2) with every fault at its place */
export async function readCondition(given: string): Promise<Condition> {
  return given.trimStart().startsWith("{")
    ? checkDefinition("--filter", given, conditionSchema)
    : await readDefinition(given, conditionSchema);
}

/** The condition of a dynamic list. @throws UserError (2) as readCondition; one that asks for a list could come to ask for itself */
export async function readFilter(given: string): Promise<Condition> {
  const filter = await readCondition(given);
  if (listsIn(filter).length > 0)
    throw new UserError("a list's filter asks for no other list: use tags, or a segment in the campaign");
  return filter;
}
