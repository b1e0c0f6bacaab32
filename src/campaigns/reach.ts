import type { Transaction } from "../db/database.ts";
import { type BroadcastDefinition, settingsOf } from "./definition.ts";
import type { Findings } from "./findings.ts";
import { type AudiencePart, countAudience, type Gates } from "./preview-audience.ts";
import { prefixLength, type Rate } from "./rates.ts";

/** Whom a broadcast would reach now. */
export interface Reach {
  /** people in the audience */
  targets: number;
  /** of them, those who may be messaged */
  willBeSent: number;
}

/** What the gates ask of a definition's findings. */
type Known = Pick<Findings, "template" | "variantTemplates" | "provider">;

/** By the conditions that the sending uses. As worker. */
export async function reachOf(
  tx: Transaction,
  organizationId: string,
  definition: BroadcastDefinition,
  findings: Known,
): Promise<Reach> {
  const gates = gatesOf(definition, findings);
  const parts = await countAudience(tx, organizationId, definition.targetAudience, gates);
  const { targets, willBeSent } = counted(parts, definition);
  return { targets, willBeSent };
}

/** Sums of the parts. Who is held out is known only once a campaign is written out: here it is their share. */
export function counted(parts: readonly AudiencePart[], definition: BroadcastDefinition) {
  const sum = (of: readonly AudiencePart[]) => of.reduce((total, { people }) => total + people, 0);
  const by = (of: readonly AudiencePart[], key: "excluded" | "reason") => {
    const names = [...new Set(of.flatMap((part) => part[key] ?? []))];
    return Object.fromEntries(names.map((name) => [name, sum(of.filter((part) => part[key] === name))]));
  };
  const inside = parts.filter((part) => part.excluded === null);
  const free = sum(inside.filter(({ reason }) => reason === null));
  const heldOut = Math.round((free * (settingsOf(definition).holdout ?? 0)) / 100);
  const skipped = by(inside, "reason");
  return {
    meant: sum(parts),
    excluded: by(parts, "excluded"),
    targets: sum(inside),
    willBeSent: free - heldOut,
    skipped: heldOut === 0 ? skipped : { ...skipped, holdout: heldOut },
  };
}

export function gatesOf(definition: BroadcastDefinition, findings: Known, rates?: readonly Rate[]): Gates {
  return {
    isMarketing: isMarketing(definition, findings),
    requireOptIn: settingsOf(definition).requireOptIn,
    needsWindow: findings.provider === "whatsapp-cloud" && definition.message.type !== "template",
    byCountry: rates !== undefined,
    prefixLength: prefixLength(rates ?? []),
  };
}

/** Promotional and survey campaigns, and any template of category MARKETING (design: sending, gates). */
export function isMarketing(
  { type }: BroadcastDefinition,
  { template, variantTemplates }: Pick<Findings, "template" | "variantTemplates">,
): boolean {
  const templates = [template, ...variantTemplates];
  return (
    type === "promotional" || type === "survey" || templates.some((each) => each?.category === "MARKETING")
  );
}
