/** The part of a command line before the cursor, as a POSIX shell reads it. */
export interface Line {
  /** without quotes; the last one is still being typed, and may be empty */
  words: string[];
  /** the quote that the last word is in; "" for none */
  quote: "" | "'" | '"';
}

/** Splits at blanks; quotes and backslashes keep them. What the shell would expand ($, `) is left as it stands. */
export function wordsOf(text: string): Line {
  const words = [""];
  let quote: Line["quote"] = "";
  let isBetween = true;
  const add = (piece: string) => {
    words[words.length - 1] += piece;
    isBetween = false;
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] as string;
    const escapes = quote === "" || (quote === '"' && /["\\$`]/.test(text[at + 1] ?? ""));
    if (letter === "\\" && escapes) add(text[++at] ?? "");
    else if (letter === quote) quote = "";
    else if (quote === "" && (letter === "'" || letter === '"')) {
      quote = letter;
      add("");
    } else if (quote === "" && /\s/.test(letter)) {
      if (!isBetween) words.push("");
      isBetween = true;
    } else add(letter);
  }
  return { words, quote };
}

/** A word as one would type it so that the shell reads it as it is. */
export function typed(word: string, quote: Line["quote"]): string {
  if (quote === "'") return word.replaceAll("'", "'\\''");
  if (quote === '"') return word.replace(/["\\$`]/g, "\\$&");
  return word.replace(/[^\p{L}\p{N}_.,:=@%+/-]/gu, "\\$&").replace(/^~/, "\\~");
}
