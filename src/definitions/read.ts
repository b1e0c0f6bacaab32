import type { z } from "zod";
import { UserError } from "../errors.ts";
import { placeOf, schemaFaults } from "./faults.ts";
import { type Fault, parseDefinition } from "./parse.ts";
import { readText } from "./text.ts";

const MOST_FAULTS = 50;

/**
 * Reads a definition (YAML or JSON, 1 MB at most) and checks it against its schema.
 * @param path the file; `-` reads stdin
 * @returns the checked document
 * @throws UserError (2) with every fault of the file at once, a line each: `file.yaml:12:5: settings.quietHour is not a
 *   known field; did you mean quietHours?`
 */
export async function readDefinition<S extends z.ZodType>(path: string, schema: S): Promise<z.output<S>> {
  return (await readPlaced(path, schema)).definition;
}

/** A definition, and where its fields stand in the file: `file.yaml:2:7`. */
export interface Placed<D> {
  definition: D;
  placeOf(...field: PropertyKey[]): string;
}

/** The same, for faults that show only later. */
export async function readPlaced<S extends z.ZodType>(path: string, schema: S): Promise<Placed<z.output<S>>> {
  const name = path === "-" ? "stdin" : path;
  return checkPlaced(name, await readText(path), schema);
}

/** As readDefinition, for a text that is at hand. @param name what faults call it */
export function checkDefinition<S extends z.ZodType>(name: string, text: string, schema: S): z.output<S> {
  return checkPlaced(name, text, schema).definition;
}

function checkPlaced<S extends z.ZodType>(name: string, text: string, schema: S): Placed<z.output<S>> {
  const { value, source, faults } = parseDefinition(name, text);
  if (faults.some(({ isFatal }) => isFatal)) throw report(name, faults);
  const checked = schema.safeParse(value);
  if (!checked.success || faults.length > 0)
    throw report(name, [
      ...faults,
      ...elsewhere(faults, checked.success ? [] : schemaFaults(checked.error.issues, source)),
    ]);
  return {
    definition: checked.data,
    placeOf(...field) {
      const { line, column } = placeOf(source, field);
      return `${name}:${line}:${column}`;
    },
  };
}

/**
 * The same for a value that a program gives (the library), by the same rules: what JSON would carry of it counts.
 * @param name what faults call it
 * @throws UserError (2) with every fault at once, a line each, without places
 */
export function checkInput<S extends z.ZodType>(name: string, input: unknown, schema: S): z.output<S> {
  try {
    return checkDefinition(name, asText(name, input), schema);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(error.message.replace(/^(.*?):1:\d+: /gm, "$1: "), {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    });
  }
}

function asText(name: string, input: unknown): string {
  try {
    return JSON.stringify(input) ?? "";
  } catch {
    throw new UserError(`${name} holds what JSON cannot carry (a BigInt, or itself)`);
  }
}

/** One fault a place: a number that lost its quotes is not also the wrong type. */
function elsewhere(known: readonly Fault[], faults: readonly Fault[]): Fault[] {
  const places = new Set(known.map(({ line, column }) => `${line}:${column}`));
  return faults.filter(({ line, column }) => !places.has(`${line}:${column}`));
}

function report(name: string, faults: readonly Fault[]): UserError {
  const sorted = [...faults].sort((a, b) => a.line - b.line || a.column - b.column);
  const lines = sorted
    .slice(0, MOST_FAULTS)
    .map((each) => `${name}:${each.line}:${each.column}: ${each.message}`);
  const more = sorted.length - lines.length;
  return new UserError([...lines, ...(more > 0 ? [`… and ${more} more`] : [])].join("\n"), {
    hint: "Nothing was changed.",
  });
}
