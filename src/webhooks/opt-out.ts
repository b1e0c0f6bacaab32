/** What a message says about marketing. `review`: it holds a word of no, and only a person can tell whether it is one. */
export interface Consent {
  says: "opt_out" | "opt_in" | "review";
  /** may be meant for something else (an appointment): it counts only as the answer to marketing */
  risky: boolean;
}

const listed = (text: string): string[] => text.split(", ");

/** The whole message, or words of a short one (reference §8); as wordsOf leaves them: no diacritics. */
const STOP = [
  ...listed("stop, stopall, stop all, unsubscribe, optout, opt out, remove me, no more messages"),
  ...listed("stoppen, stopzetten, afmelden, afmeld, afgemeld, meld me af, meld mij af, uitschrijven"),
  ...listed("schrijf me uit, schrijf mij uit, geen berichten, geen reclame, niet meer sturen"),
  ...listed("stopp, stoppen, abmelden, abmeldung, melde mich ab, abbestellen, austragen"),
  ...listed("keine nachrichten, keine werbung, nicht mehr schreiben"),
  ...listed("arret, arreter, arretez, desabonner, desabonnez, desabonnement, desinscrire, desinscription"),
  ...listed("plus de messages, pas de publicite"),
  ...listed("baja, no mas mensajes, no mas publicidad, cancelar suscripcion, desuscribir, desuscribirme"),
];
/** Longer than a short message: only as the whole of it. */
const STOP_SENTENCES = new Set([
  ...listed("stop met berichten sturen, stop met het sturen van berichten, stuur me geen berichten meer"),
  ...listed("ik wil geen berichten meer, ik wil geen berichten meer ontvangen, ik wil me graag afmelden"),
  ...listed("please stop sending me messages, please remove me from your list, i want to unsubscribe"),
  ...listed("ich mochte keine nachrichten mehr, ich mochte keine nachrichten mehr erhalten"),
  ...listed("ich mochte mich abmelden, bitte keine nachrichten mehr senden"),
  ...listed("je ne veux plus recevoir de messages, je veux me desabonner, je souhaite me desabonner"),
  ...listed("no quiero recibir mas mensajes, quiero darme de baja, no quiero mas mensajes"),
]);
/** Said of appointments and orders too (`td` is French Canada's); inside other words they are for a person to judge. */
const RISKY = listed("cancel, end, quit, remove, td, annuleren, stornieren, annuler, cancelar");
/**
 * Never a word among others: it opens what was closed. A plain yes is none, although some products take it for one: after a STOP
 * it would be a guess.
 */
const START = new Set([
  ...listed("start, unstop, subscribe, optin, opt in"),
  ...listed("start berichten, aanmelden, aanmeld, meld me aan, meld mij aan"),
  ...listed("inschrijven, schrijf me in, schrijf mij in"),
  ...listed("anmelden, melde mich an, abonnieren"),
  ...listed("debut, s abonner, sabonner, m abonner, mabonner, abonnez moi"),
  ...listed("alta, suscribir, suscribirme, suscribirse"),
]);
const anyOf = (words: readonly string[]): RegExp => new RegExp(`(?:^| )(?:${words.join("|")})(?: |$)`);
const STOP_WORDS = anyOf(STOP);
const RISKY_WORDS = anyOf(RISKY);
const SHORT = 25;
const OPT_OUT: Consent = { says: "opt_out", risky: false };
const OPT_IN: Consent = { says: "opt_in", risky: false };

/** "OPTOUT:campaign", as our templates have it in a quick reply's payload. */
export function consentOfPayload(payload: unknown): Consent | null {
  if (typeof payload !== "string") return null;
  if (payload.startsWith("OPTOUT:")) return OPT_OUT;
  return payload.startsWith("OPTIN:") ? OPT_IN : null;
}

/** The rules of reference §8: a word of the lists as the whole message, or in a short one; in a longer one it goes to review. */
export function consentOfText(text: string | null): Consent | null {
  const words = wordsOf(text ?? "", " ");
  const joined = wordsOf(text ?? "", ""); // "s.t.o.p", "opt-out"
  const isOneOf = (list: readonly string[]) => list.includes(words) || list.includes(joined);
  const holdsStop = STOP_WORDS.test(words);
  if (isOneOf(STOP) || STOP_SENTENCES.has(words) || (words.length <= SHORT && holdsStop)) return OPT_OUT;
  if (isOneOf(RISKY)) return { says: "opt_out", risky: true };
  if (START.has(words) || START.has(joined)) return OPT_IN;
  if (holdsStop) return { says: "review", risky: false };
  return RISKY_WORDS.test(words) ? { says: "review", risky: true } : null;
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
