import { isMap, isScalar, isSeq, type Node, type Scalar } from "yaml";
import type { z } from "zod";
import { nearest } from "../cli/near.ts";
import { type Fault, type Source, startOf } from "./parse.ts";
import type { KnownFields } from "./strict.ts";

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The schema's issues at their places in the file, in words. A file of another kind has that one fault. */
export function schemaFaults(issues: readonly Issue[], source: Source): Fault[] {
  const wrongKind = issues.filter((issue) => issue.path.length === 1 && issue.path[0] === "kind");
  return (wrongKind.length > 0 ? wrongKind : issues).flatMap((issue) => faultsOf(issue, source));
}

function faultsOf(issue: Issue, source: Source): Fault[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") return unknownFields(issue, source);
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const closest = [...issue.errors].sort((a, b) => deepest(b) - deepest(a) || a.length - b.length)[0] ?? [];
    if (deepest(closest) > 0)
      return closest.flatMap((inner) => faultsOf({ ...inner, path: [...path, ...inner.path] }, source));
  }
  const node = nodeAt(source, path);
  if (node === undefined)
    return [
      mistypedChoice(issue, source) ?? { ...placeAbove(source, path), message: `${dotted(path)} is missing` },
    ];
  return [
    {
      ...source.at(startOf(node)),
      message: `${path.length > 0 ? `${dotted(path)}: ` : ""}${wording(issue, node)}`,
    },
  ];
}

/** The field that chooses among groups (`type`, `kind`) decides what the others are: while it is mistyped, they cannot be judged. */
function mistypedChoice(issue: Issue, source: Source): Fault | undefined {
  const above = issue.path.slice(0, -1);
  const field = String(issue.path.at(-1));
  const map = nodeAt(source, above);
  if (!isMap(map) || (issue.code !== "invalid_union" && field !== "kind")) return undefined;
  const keys = map.items.flatMap(({ key }) => (isScalar(key) ? [key] : []));
  const mistyped = keys.find((key) => nearest(String(key.value), [field], 1).length > 0);
  if (mistyped === undefined) return undefined;
  return unknownField([...above, String(mistyped.value)], field, source.at(startOf(mistyped)));
}

function unknownFields(issue: Issue & { code: "unrecognized_keys" }, source: Source): Fault[] {
  const { known = [] } = issue as Partial<KnownFields>;
  const map = nodeAt(source, issue.path);
  const places = new Map(
    (isMap(map) ? map.items : []).map(({ key }) => [isScalar(key) ? String(key.value) : "", startOf(key)]),
  );
  return issue.keys.map((key) =>
    unknownField([...issue.path, key], nearest(key, known, 1)[0], source.at(places.get(key) ?? 0)),
  );
}

function unknownField(path: Path, near: string | undefined, place: { line: number; column: number }): Fault {
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  return { ...place, message: `${dotted(path)} is not a known field${hint}` };
}

function wording(issue: Issue, node: Node): string {
  if (!issue.message.startsWith("Invalid")) return issue.message; // the schema has words of its own
  const { value, source: written = "" } = (isScalar(node) ? node : {}) as Partial<Scalar>;
  const options = optionsOf(issue);
  if (options !== undefined) {
    const near = typeof value === "string" ? nearest(value, options, 1)[0] : undefined;
    const given = isScalar(node) ? `${written} is none of` : "must be one of";
    return options.length === 1
      ? `must be ${options[0]}`
      : `${given} ${options.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`;
  }
  if (issue.code === "invalid_type" && issue.expected === "string" && isScalar(node))
    return `must be text: write "${written}"`;
  if (issue.code === "invalid_type") return `must be ${EXPECTED[issue.expected] ?? issue.expected}`;
  return issue.message;
}

const EXPECTED: Record<string, string> = {
  string: "text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a group of fields",
  record: "a group of fields",
  array: "a list",
};

function optionsOf(issue: Issue): string[] | undefined {
  if (issue.code === "invalid_value") return issue.values.map(String);
  const { options } = issue as { options?: unknown[] };
  return issue.code === "invalid_union" && options !== undefined ? options.map(String) : undefined;
}

function deepest(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map((issue) => issue.path.length));
}

/** A number as a key (`1: …`) is the text "1" to a schema. */
function nodeAt(source: Source, path: Path): Node | undefined {
  let node: unknown = source.document.contents;
  for (const part of path) {
    if (isMap(node))
      node = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))?.value;
    else if (isSeq(node)) node = node.items[Number(part)];
    else return undefined;
  }
  return (node ?? undefined) as Node | undefined;
}

/** Where a field's value begins; where it is missing, what surrounds it. */
export function placeOf(source: Source, path: Path): { line: number; column: number } {
  const node = nodeAt(source, path);
  return node === undefined ? placeAbove(source, path) : source.at(startOf(node));
}

/** Where what surrounds a missing field begins. */
function placeAbove(source: Source, path: Path): { line: number; column: number } {
  for (let length = path.length - 1; length >= 0; length--) {
    const node = nodeAt(source, path.slice(0, length));
    if (node !== undefined) return source.at(startOf(node));
  }
  return source.at(0);
}

function dotted(path: Path): string {
  return path.map(String).join(".");
}
