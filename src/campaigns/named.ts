import { withReadPhones } from "../audience/phones.ts";
import type { Context } from "../cli/context.ts";
import { readDefinition } from "../definitions/read.ts";
import { UserError } from "../errors.ts";
import { type BroadcastDefinition, broadcastSchema } from "./definition.ts";
import { findCampaign } from "./find.ts";
import { definitionOf } from "./stored.ts";

/** The definition that a command is about: a file's, or a saved campaign's. @throws UserError when neither or both are named */
export async function namedDefinition(
  context: Context,
  name: string | undefined,
  file: string | undefined,
): Promise<BroadcastDefinition> {
  if ((name === undefined) === (file === undefined))
    throw new UserError("name a campaign, or a file with -f");
  if (file !== undefined) return fileDefinition(context, file);
  const { id } = await context.organization();
  return definitionOf(await context.operator((tx) => findCampaign(tx, id, name as string)));
}

/** A file's definition; phones in it are read as of the organization's country. */
export async function fileDefinition(context: Context, file: string): Promise<BroadcastDefinition> {
  const { kind: _kind, ...definition } = await readDefinition(file, broadcastSchema);
  const { defaultCountry } = await context.organization();
  return { ...definition, targetAudience: await withReadPhones(definition.targetAudience, defaultCountry) };
}
