import type { Database, Transaction } from "../../db/database.ts";
import type { ListedJob } from "../../jobs/find.ts";
import type { Lane } from "../../sending/lane.ts";
import { limitsOf } from "../../sending/limits.ts";
import { PairPace } from "../../sending/pair-pace.ts";
import type { Gate } from "./gate.ts";
import type { LaneFacts } from "./lane-gates.ts";

/** Whose message of what is explained. */
export interface Subject {
  organizationId: string;
  contactId: string;
  /** of the broadcast or drip */
  campaignId: string;
}

/** What the gates said, and of which message; undefined: it is not written out yet. */
export interface Judged {
  message: ListedJob | undefined;
  gates: Gate[];
}

/** Who has borrowed of the pair limit of this sender, as a lane that is taken now would learn it. */
async function borrowedBy(
  database: Database,
  lane: { id: string; provider: string | null },
  now: Date,
): Promise<{ contacts: string[]; seconds: number[] }> {
  const pairs = await PairPace.of(database, lane as Lane, () => now);
  return pairs?.borrowed() ?? { contacts: [], seconds: [] };
}

/** What binds a sender now: the last parameters of both looks at one person, and whether its messaging limit was set just now. */
export async function bindingOf(
  database: Database,
  tx: Transaction,
  { senderId, provider, now }: Pick<LaneFacts, "senderId" | "provider" | "now">,
) {
  const lane = { id: senderId as string, provider };
  const { isCapped, portfolioId, isUncounted } = await limitsOf(tx, lane);
  const { contacts, seconds } = await borrowedBy(database, lane, now);
  return { laneId: lane.id, isUncounted, limits: [isCapped, portfolioId, contacts, seconds] };
}
