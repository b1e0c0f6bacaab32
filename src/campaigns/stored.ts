import type { Campaign } from "./campaign.ts";
import { type BroadcastDefinition, broadcastInput } from "./definition.ts";

/** A saved campaign as its definition again. */
export function definitionOf(campaign: Campaign): BroadcastDefinition {
  const { name, type, targetAudience, message, scheduling, rateLimiting, settings, sender } = campaign;
  return broadcastInput.parse({ name, type, targetAudience, message, scheduling, rateLimiting, settings, ...(sender === null ? {} : { sender }) });
}
