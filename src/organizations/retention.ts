import { UserError } from "../errors.ts";

/** What is let go of: texts of messages, raw webhook bodies, events, and what imports changed (after which they cannot be undone). */
export const KEPT = ["messages", "webhookBodies", "events", "imports"] as const;

/** How long each is kept, as `400d`; what is not named is kept for good. */
export type Retention = Partial<Record<(typeof KEPT)[number], string>>;

const LONGEST_DAYS = 36_500;

/**
 * From flags: `messages=400d webhookBodies=30d`, or `none`.
 * @returns null for none
 * @throws UserError with every fault at once
 */
export function readRetention(words: readonly string[]): Retention | null {
  if (words.length === 1 && words[0] === "none") return null;
  const read = words.map((word) => /^(\w+)=([1-9]\d{0,4})d$/.exec(word));
  const faults = words.filter((_, at) => {
    const [, what = "", days = "0"] = read[at] ?? [];
    return !(KEPT as readonly string[]).includes(what) || Number(days) < 1 || Number(days) > LONGEST_DAYS;
  });
  if (faults.length > 0)
    throw new UserError(
      `--retention takes ${KEPT.join(", ")}, each with days such as messages=400d, or none; it got "${faults.join(" ")}"`,
      { hint: "Nothing was changed." },
    );
  return Object.fromEntries(read.map((match) => [match?.[1], `${match?.[2]}d`])) as Retention;
}
