import type { Database } from "../../db/database.ts";
import type { ListedJob } from "../../jobs/find.ts";
import type { Lane } from "../../sending/lane.ts";
import { PairPace } from "../../sending/pair-pace.ts";
import type { Gate } from "./gate.ts";

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
export async function borrowedBy(
  database: Database,
  lane: { id: string; provider: string | null },
  now: Date,
): Promise<{ contacts: string[]; seconds: number[] }> {
  const pairs = await PairPace.of(database, lane as Lane, () => now);
  return pairs?.borrowed() ?? { contacts: [], seconds: [] };
}
