import type { Context } from "../cli/context.ts";
import { UserError } from "../errors.ts";
import { chunksOf, openSource } from "../files/source.ts";
import { fieldNamed } from "./csv/aliases.ts";

const LARGEST = 64 * 1024 * 1024;
const MOST_TOLD = 10;

/**
 * Phones or ids, one a line, of a file or of stdin (`-`). A header (`phone`, `telefoon`) is none of the people, nor is an
 * empty line.
 * @throws UserError (2) when it cannot be read, is no text, is larger than 64 MB or names nobody
 */
export async function peopleIn(path: string): Promise<string[]> {
  const lines = (await textOf(path)).split(/\r\n|\r|\n/).map((line) => line.trim());
  const [first = "", ...others] = lines;
  const words = (fieldNamed(first) === "phone" ? others : lines).filter((line) => line !== "");
  if (words.length === 0) throw new UserError(`${path === "-" ? "stdin" : path} names nobody`);
  return words;
}

/** Tells of the words that name nobody here: the first few, and how many more. */
export function tellUnknown({ out }: Context, unknown: readonly string[]): void {
  for (const word of unknown.slice(0, MOST_TOLD)) out.warn(`contact "${word.slice(0, 100)}" not found`);
  if (unknown.length > MOST_TOLD) out.warn(`… and ${unknown.length - MOST_TOLD} more contacts not found`);
}

async function textOf(path: string): Promise<string> {
  const source = await openSource(path);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    let [text, bytes] = ["", 0];
    for await (const chunk of chunksOf(source)) {
      bytes += chunk.length;
      if (bytes > LARGEST)
        throw new UserError(`${source.name} is larger than 64 MB`, {
          hint: "adsapp contact import reads it as a list, which --list names.",
        });
      text += decoder.decode(chunk, { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    if (error instanceof TypeError) throw new UserError(`${source.name} is not UTF-8 text`);
    throw error;
  } finally {
    source.close();
  }
}
