import { InvalidArgumentError } from "commander";

/** What --limit takes. */
export function pageSize(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100_000)
    throw new InvalidArgumentError("It must be from 1 to 100000.");
  return value;
}
