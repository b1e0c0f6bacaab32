import { UserError } from "../errors.ts";

/** Texts by language (`nl`, `de` …), or false for no answer at all. */
export type OptOutConfirmation = Record<string, string> | false;

const LANGUAGE = /^[a-z]{2,3}$/;
/** reference §1.2: the body of a text message */
const LONGEST = 4_096;

/**
 * From a flag: JSON, `none` for no answer, or `default` for the texts that adsapp has.
 * @returns null for the default
 * @throws UserError when it is none of these, with what is wrong
 */
export function readOptOutConfirmation(text: string): OptOutConfirmation | null {
  if (text === "default") return null;
  if (text === "none") return false;
  const texts = parsed(text);
  const entries = Object.entries(texts);
  if (entries.length === 0) throw refuse("it names no language");
  for (const [language, words] of entries) {
    if (!LANGUAGE.test(language)) throw refuse(`"${language}" is no language, such as nl`);
    if (typeof words !== "string" || words.trim() === "" || words.length > LONGEST)
      throw refuse(`the text for ${language} has to have 1 to ${LONGEST} characters`);
  }
  return texts as Record<string, string>;
}

function parsed(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refuse("it is no JSON");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw refuse("it is no object");
  return value;
}

function refuse(what: string): UserError {
  return new UserError(`--opt-out-confirmation: ${what}`, {
    hint: `For example: '{"nl": "U krijgt geen aanbiedingen meer."}', none, or default`,
  });
}
