import { visible } from "../cli/output/index.ts";
import { type Candidate, type Place, placeOf } from "./candidates.ts";
import { typed, wordsOf } from "./words.ts";

/**
 * `adsapp __complete words W…` for zsh and fish: a candidate a line, a tab, what it is about.
 * `adsapp __complete bash LINE WORD`: what to put in the place of WORD, as bash cuts words.
 * `:files` stands for files, `:nospace` for a word that goes on. Silent about whatever goes wrong, and always done.
 * @returns the lines
 */
export async function complete(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const [how, ...rest] = argv;
  const line =
    how === "bash" ? wordsOf(rest[0] ?? "") : { words: ["adsapp", ...unquoted(rest)], quote: "" as const };
  const words = line.words.slice(line.words.findIndex((word) => /(^|\/)adsapp(\.js)?$/.test(word)) + 1);
  const current = words.at(-1) ?? "";
  const place = await placeFor(words);
  const found = fitting(await offered(place, words, env), current.slice(place.prefix?.length ?? 0)).map(
    ({ value, about }) => ({ value: `${place.prefix ?? ""}${value}`, about }),
  );
  if (place.files === true) return ":files\n";
  if (how !== "bash") return found.map(asLine).join("");
  const cut = current.length - plainLength(rest[1] ?? "");
  return found.map(({ value }) => `${typed(value.slice(Math.max(0, cut)), line.quote)}\n`).join("");
}

/** A quote that is still open is no part of the name; zsh leaves it there. */
function unquoted(words: readonly string[]): string[] {
  const last = words.at(-1) ?? "";
  return [...words.slice(0, -1), /^["']/.test(last) ? (wordsOf(last).words.at(-1) ?? "") : last];
}

async function placeFor(words: readonly string[]): Promise<Place> {
  const { commands } = await import("../cli/commands.ts");
  return placeOf(words, commands);
}

async function offered(place: Place, words: readonly string[], env: NodeJS.ProcessEnv): Promise<Candidate[]> {
  if (place.names === undefined) return place.candidates;
  const { namesOf } = await import("./names.ts");
  const names = await namesOf(place.names, env, { org: givenTo(words, "--org"), as: givenTo(words, "--as") });
  // one that would move the cursor or need its own line cannot be typed
  return names.filter((name) => visible(name) === name).map((value) => ({ value }));
}

function givenTo(words: readonly string[], flag: string): string | undefined {
  const at = words.indexOf(flag);
  if (at >= 0 && at < words.length - 2) return words[at + 1];
  return words.find((word) => word.startsWith(`${flag}=`))?.slice(flag.length + 1);
}

/** As typed, or else without regard to capitals. */
function fitting(candidates: readonly Candidate[], current: string): Candidate[] {
  const exact = candidates.filter(({ value }) => value.startsWith(current));
  const low = current.toLowerCase();
  return exact.length > 0 ? exact : candidates.filter(({ value }) => value.toLowerCase().startsWith(low));
}

function asLine({ value, about }: Candidate): string {
  return about === undefined || about === "" ? `${value}\n` : `${value}\t${about.replace(/\s+/g, " ")}\n`;
}

/** Of what bash has as the current word: it cuts at = and : and @, and leaves quotes and backslashes in. */
function plainLength(word: string): number {
  return /^[=:@]$/.test(word) ? 0 : (wordsOf(word).words.at(-1)?.length ?? 0);
}
