import { nearest } from "../cli/near.ts";
import type { FrozenTemplate } from "../templates/payload.ts";

export type StoredTemplate = FrozenTemplate & { category: string; status: string };

/** What the database answers about a definition: the row of findingsOf (findings.sql). */
export interface Found {
  sender: string | null;
  provider: "whatsapp-cloud" | "log" | null;
  throughputPerSecond: number | null;
  senderState: string | null;
  senderNames: string[];
  template: StoredTemplate | null;
  templateLanguages: string[];
  templateNames: string[];
  /** of the variants' messages, in their order; null: there are none */
  variants: Pick<Found, "template" | "templateLanguages">[] | null;
  unusedTags: string[];
  missingLists: string[];
  listNames: string[];
  unknownContacts: string[];
  unknownCampaigns: string[];
  now: Date;
  /** the definition's, or the organization's */
  timezone: string;
  endsAt: Date | null;
  knowsTimezone: boolean;
  startsAt: Date | null;
  startsAtLocal: string | null;
  sendBefore: Date | null;
  isSkippedTime: boolean;
  isRepeatedTime: boolean;
}

/** `; did you mean "x"?`, or nothing. */
export function didYouMean(name: string, candidates: readonly string[]): string {
  const [near] = nearest(name, candidates, 1);
  return near === undefined ? "" : `; did you mean "${near}"?`;
}
