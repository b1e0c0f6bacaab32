// East Asian wide characters take two cells of a terminal (Unicode's EastAsianWidth.txt, W and F, in blocks).
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]/u;
const EMOJI = /\p{Emoji_Presentation}|\p{Regional_Indicator}|\p{Extended_Pictographic}\ufe0f|\u20e3/u;
const ACCENT = /^[\u0300-\u036f\ufe00-\ufe0f]$/;
const PLAIN = /^[\x20-\x7e]*$/;

let segmenter: Intl.Segmenter | undefined;

/** How many cells of a terminal the text takes; an estimate for scripts that terminals draw differently. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return signsOf(text).reduce((width, sign) => width + widthOfSign(sign), 0);
}

/** The text in at most `width` cells, ending in `…` where something was cut; never half a character. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let room = width - 1;
  const kept: string[] = [];
  for (const sign of signsOf(text)) {
    room -= widthOfSign(sign);
    if (room < 0) break;
    kept.push(sign);
  }
  return `${kept.join("")}…`;
}

/** The text in lines of at most `width` cells, between its words; a word that is longer is cut. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = `${lines.at(-1) ?? ""} ${word}`;
    if (lines.length > 0 && widthOf(line) <= width) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines.map((line) => cut(line, width));
}

/** What a person sees as one character. */
function signsOf(text: string): string[] {
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

function widthOfSign(sign: string): number {
  if (EMOJI.test(sign)) return 2;
  return [...sign].reduce((width, point) => width + (ACCENT.test(point) ? 0 : WIDE.test(point) ? 2 : 1), 0);
}
