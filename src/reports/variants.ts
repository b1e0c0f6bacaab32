import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { liftOf } from "./lift.ts";
import text from "./variants.sql";

const sql = namedQueries(text, "variantNumbers");

/** An arm of a broadcast; rates in percent of its people. */
export interface VariantNumbers {
  /** its name; "holdout", or "message" where the campaign has no variants */
  variant: string;
  /** who was sent it, or held out */
  people: number;
  delivered: number;
  read: number;
  replied: number;
  optedOut: number;
  /** wrote anything within 7 days of the campaign's first message: what those who got none can do too */
  wroteBack: number;
  openRate: number;
  replyRate: number;
  wroteBackRate: number;
  /** of wroteBackRate over the first arm's, in percentage points; null for the first arm itself */
  lift: number | null;
  liftLow: number | null;
  liftHigh: number | null;
  /** of the lift */
  verdict: "baseline" | "higher" | "lower" | "not shown";
}

type Counted = Pick<
  VariantNumbers,
  "variant" | "people" | "delivered" | "read" | "replied" | "optedOut" | "wroteBack"
>;

/**
 * The arms of a broadcast, each held against the people held out, or else against the first variant. It reads the
 * campaign's own messages. As operator.
 * @param ids of which one is a broadcast's; of drips, and where nothing was sent, there are no arms
 */
export async function variantNumbers(
  tx: Transaction,
  organizationId: string,
  ids: readonly string[],
): Promise<VariantNumbers[]> {
  const arms = await tx.query<Counted>(sql.variantNumbers, [organizationId, ids]);
  return arms.map((arm) => compared(arm, arms[0] as Counted));
}

function compared(arm: Counted, baseline: Counted): VariantNumbers {
  const { variant, people, delivered, read, replied, optedOut, wroteBack } = arm;
  const wrote = ({ wroteBack: some, people: of }: Counted) => ({ some, of });
  const lift = arm === baseline ? null : liftOf(wrote(arm), wrote(baseline));
  const rate = (count: number) => Math.round((10_000 * count) / people) / 100;
  return {
    variant,
    people,
    delivered,
    read,
    replied,
    optedOut,
    wroteBack,
    openRate: rate(read),
    replyRate: rate(replied),
    wroteBackRate: rate(wroteBack),
    lift: lift?.points ?? null,
    liftLow: lift?.low ?? null,
    liftHigh: lift?.high ?? null,
    verdict: lift === null ? "baseline" : lift.low > 0 ? "higher" : lift.high < 0 ? "lower" : "not shown",
  };
}
