import type { Command } from "commander";
import type { Selection } from "../contacts/find.ts";
import { peopleIn } from "../contacts/people-file.ts";
import { UserError } from "../errors.ts";

/** The flags by which drip enroll and drip unenroll say whom they are about. */
export interface PeopleOptions {
  tag?: string;
  list?: string;
  contact?: string[];
  file?: string;
}

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
  return { contacts: file === undefined ? contact : [...contact, ...(await peopleIn(file))], tag, list };
}
