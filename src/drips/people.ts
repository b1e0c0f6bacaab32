import type { Command } from "commander";
import type { Context } from "../cli/context.ts";
import { fieldNamed } from "../contacts/csv/aliases.ts";
import { chunksOf, openSource } from "../contacts/csv/source.ts";
import type { Selection } from "../contacts/find.ts";
import { UserError } from "../errors.ts";

/** The flags by which drip enroll and drip unenroll say whom they are about. */
export interface PeopleOptions {
  tag?: string;
  list?: string;
  contact?: string[];
  file?: string;
}

const LARGEST = 64 * 1024 * 1024;
const MOST_TOLD = 10;

export function declarePeople(command: Command): void {
  command
    .option("--tag <tag>", "everyone with this tag")
    .option("--list <name>", "everyone on this list")
    .option("--contact <phone...>", "phones in any spelling, or ids")
    .option("--file <file>", "a file with a phone or id a line; - reads stdin");
}

/** @throws UserError (2) when no flag names anybody, or the file cannot be read */
export async function peopleOf({ tag, list, contact = [], file }: PeopleOptions): Promise<Selection> {
  if (tag === undefined && list === undefined && file === undefined && contact.length === 0)
    throw new UserError("say whom: --tag, --list, --contact or --file");
  return { contacts: file === undefined ? contact : [...contact, ...(await linesOf(file))], tag, list };
}

/** Tells of the words that name nobody here: the first few, and how many more. */
export function tellUnknown({ out }: Context, unknown: readonly string[]): void {
  for (const word of unknown.slice(0, MOST_TOLD)) out.warn(`contact "${word.slice(0, 100)}" not found`);
  if (unknown.length > MOST_TOLD) out.warn(`… and ${unknown.length - MOST_TOLD} more contacts not found`);
}

/** A header (`phone`, `telefoon`) is none of the people, nor is an empty line. */
async function linesOf(path: string): Promise<string[]> {
  const lines = (await textOf(path)).split(/\r\n|\r|\n/).map((line) => line.trim());
  const [first = "", ...others] = lines;
  const words = (fieldNamed(first) === "phone" ? others : lines).filter((line) => line !== "");
  if (words.length === 0) throw new UserError(`${path === "-" ? "stdin" : path} names nobody`);
  return words;
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
          hint: "adsapp contact import reads it as a list: then drip enroll --list.",
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
