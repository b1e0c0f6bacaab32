// C0 and C1 controls, zero-width and bidi characters: what can rewrite a terminal's line or hide in a name.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text from people as a terminal may show it: hidden characters become `\x1b` or `\u202e`, tabs and line ends spaces. */
export function visible(text: string): string {
  return text.replace(/[\t\n\r]+/g, " ").replace(HIDDEN, escaped);
}

/** The same for text of several lines (messages of ours that quote people's text). */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

function escaped(character: string): string {
  const code = character.codePointAt(0) as number;
  return code < 256 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}
