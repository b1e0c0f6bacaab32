/** What a message says about marketing. */
export interface Consent {
  says: "opt_out" | "opt_in";
  /** may be meant for something else (an appointment): it counts only as the answer to marketing */
  risky: boolean;
}

const listed = (text: string): string[] => text.split(", ");

/** The whole message, or words of a short one (reference §8; Dutch and English). */
const STOP = listed(
  "stop, stopall, stop all, stoppen, stopzetten, unsubscribe, optout, opt out, remove me, no more messages, " +
    "afmelden, afmeld, afgemeld, meld me af, meld mij af, uitschrijven, schrijf me uit, schrijf mij uit, " +
    "geen berichten, geen reclame, niet meer sturen",
);
/** Longer than a short message: only as the whole of it. */
const STOP_SENTENCES = new Set(
  listed(
    "stop met berichten sturen, stop met het sturen van berichten, stuur me geen berichten meer, ik wil geen berichten meer, " +
      "ik wil geen berichten meer ontvangen, ik wil me graag afmelden",
  ),
);
const RISKY = new Set(listed("cancel, end, quit, remove"));
/** Never a word among others: it opens what was closed. */
const START = new Set(
  listed(
    "start, unstop, subscribe, optin, opt in, start berichten, aanmelden, aanmeld, meld me aan, meld mij aan, " +
      "inschrijven, schrijf me in, schrijf mij in",
  ),
);
const STOP_WORDS = new RegExp(`(^| )(${STOP.join("|")})( |$)`);
const SHORT = 25;
const OPT_OUT: Consent = { says: "opt_out", risky: false };

/** "OPTOUT:campaign", as our templates have it in a quick reply's payload. */
export function consentOfPayload(payload: unknown): Consent | null {
  if (typeof payload !== "string") return null;
  if (payload.startsWith("OPTOUT:")) return OPT_OUT;
  return payload.startsWith("OPTIN:") ? { says: "opt_in", risky: false } : null;
}

export function consentOfText(text: string | null): Consent | null {
  const words = wordsOf(text ?? "", " ");
  const joined = wordsOf(text ?? "", ""); // "s.t.o.p", "opt-out"
  const is = (list: ReadonlySet<string>) => list.has(words) || list.has(joined);
  if (is(STOP_SENTENCES) || (words.length <= SHORT && (STOP_WORDS.test(words) || STOP.includes(joined))))
    return OPT_OUT;
  if (is(RISKY)) return { says: "opt_out", risky: true };
  return is(START) ? { says: "opt_in", risky: false } : null;
}

/** Letters and digits alone, in lower case without diacritics. @param gap what stands for anything else than a space */
function wordsOf(text: string, gap: string): string {
  return text
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}]/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s]/gu, gap)
    .replace(/\s+/g, " ")
    .trim();
}
