import { yamlText } from "../definitions/write.ts";
import { notAllowed } from "../errors.ts";
import type { Campaign } from "./campaign.ts";
import { type BroadcastDefinition, broadcastInput } from "./definition.ts";

/** A saved campaign as its definition again. @throws UserError (1) for one that was written by other means and says nothing that can be sent */
export function definitionOf(campaign: Campaign): BroadcastDefinition {
  const { name, type, targetAudience, message, scheduling, rateLimiting, settings, variants, sender } =
    campaign;
  const stored = {
    name,
    type,
    targetAudience,
    message,
    scheduling,
    rateLimiting,
    settings,
    ...(sender === null ? {} : { sender }),
    ...(variants.length === 0 ? {} : { variants }),
  };
  const read = broadcastInput.safeParse(stored);
  if (read.success) return read.data;
  const faults = read.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw notAllowed(`campaign "${name}" is not a broadcast that adsapp can send: ${faults.join("; ")}`);
}

/** The YAML that makes the same campaign (kind: broadcast); defaults are left out. */
export function yamlOf(campaign: Campaign): Promise<string> {
  return yamlOfDefinition(definitionOf(campaign));
}

/** The same of a definition that is not saved. */
export function yamlOfDefinition({
  rateLimiting,
  settings,
  scheduling,
  ...definition
}: BroadcastDefinition): Promise<string> {
  return yamlText({
    kind: "broadcast",
    ...definition,
    ...(scheduling.type === "immediate" && Object.keys(scheduling).length === 1 ? {} : { scheduling }),
    ...(rateLimiting.enabled ? { rateLimiting } : {}),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  });
}
