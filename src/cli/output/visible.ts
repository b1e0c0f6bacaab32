// Controls, escapes, bidi and zero-width characters: what rewrites a terminal's line or hides in a name. The
// variation selectors FE00-FE0F stay, since ❤️ is made with one.
const HIDDEN = /(?![\ufe00-\ufe0f])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
const PLAIN = /^[\x20-\x7e]*$/;
const NAMED: Record<string, string> = { "\t": "\\t", "\n": "\\n", "\r": "\\r" };

/** Text from people as a terminal may show it, on one line: hidden characters become `\n`, `\x1b`, `\u202e`. */
export function visible(text: string): string {
  return PLAIN.test(text) ? text : text.replace(HIDDEN, escaped);
}

/** The same for text of several lines (messages of ours that quote people's text): the lines stay. */
export function visibleLines(text: string): string {
  return text.split("\n").map(visible).join("\n");
}

/** JSON text that a terminal may show too: the same value, hidden characters as JSON's own escapes. */
export function visibleJson(json: string): string {
  return json.split("\n").map(jsonLine).join("\n");
}

function jsonLine(line: string): string {
  return PLAIN.test(line) ? line : line.replace(HIDDEN, (found) => [...units(found)].join(""));
}

function* units(text: string): Generator<string> {
  for (let at = 0; at < text.length; at++) yield `\\u${hex(text.charCodeAt(at), 4)}`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) as number;
  if (code > 0xffff) return `\\u{${hex(code, 5)}}`;
  return NAMED[character] ?? (code < 256 ? `\\x${hex(code, 2)}` : `\\u${hex(code, 4)}`);
}

function hex(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
