import { InvalidArgumentError } from "commander";

/** What `--messaging-limit` gives; not null, which commander takes for nothing given. */
export type MessagingLimit = number | "none";

const LARGEST = 2_147_483_647;

/** `--messaging-limit`: a number of people, or `none`. @throws InvalidArgumentError for anything else */
export function messagingLimit(text: string): MessagingLimit {
  if (text === "none") return "none";
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > LARGEST)
    throw new InvalidArgumentError("It must be a number of people such as 2000, or none.");
  return value;
}

/** @throws InvalidArgumentError for anything else */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError("It must be a whole number.");
  return value;
}
