import { readFileSync, statSync } from "node:fs";
import { type Document, isMap, isPair, isScalar, LineCounter, type Node, parseAllDocuments, visit } from "yaml";
import type { z } from "zod";
import { nearest } from "../cli/near.ts";
import { UserError } from "../errors.ts";

const LARGEST = 1024 * 1024;
const DEEPEST = 40;

interface Fault {
  line: number;
  column: number;
  message: string;
}

/**
 * Reads a definition (YAML or JSON) and checks it against its schema; `-` reads stdin.
 * @returns the checked document
 * @throws UserError (2) with every fault of the file at once, each with line and column
 */
export function readDefinition<S extends z.ZodType>(path: string, schema: S): z.output<S> {
  const name = path === "-" ? "stdin" : path;
  const text = readText(path);
  refuseSize(name, text);
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, strict: true, uniqueKeys: true, schema: "core", merge: false, logLevel: "silent" });
  const first = Array.isArray(documents) ? documents[0] : undefined;
  if (first === undefined || first.contents === null) throw new UserError(`${name} is empty`);
  const faults = [...(Array.isArray(documents) ? documents : [])].flatMap((document) => syntaxFaults(document, lines));
  if (Array.isArray(documents) && documents.length > 1) faults.push({ line: 1, column: 1, message: "there are several documents in it; one file holds one definition" });
  if (faults.length > 0) throw report(name, faults);
  const parsed = schema.safeParse(first.toJS({ maxAliasCount: 0 }));
  if (parsed.success) return parsed.data;
  throw report(name, parsed.error.issues.flatMap((issue) => schemaFaults(issue, first, lines)));
}

function readText(path: string): string {
  try {
    if (path !== "-" && statSync(path).size > LARGEST) throw tooLarge(path);
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(path === "-" ? 0 : path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new UserError(`${path} does not exist`);
    if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") throw new UserError(`${path} is not valid UTF-8`);
    if (code === "EACCES" || code === "EISDIR") throw new UserError(`${path} cannot be read (${code})`);
    throw error;
  }
}

function tooLarge(name: string): UserError {
  return new UserError(`${name} is larger than 1 MB; a definition is small`);
}

/** Before parsing: 20,000 nested brackets cost a second, and say nothing. */
function refuseSize(name: string, text: string): void {
  if (text.length > LARGEST) throw tooLarge(name);
  let depth = 0;
  for (const character of text) {
    if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") depth--;
    if (depth > DEEPEST) throw new UserError(`${name} is nested deeper than ${DEEPEST} levels`);
  }
  const deepestIndent = Math.max(...text.split("\n").map((line) => /^[ -]*/.exec(line)?.[0].length ?? 0));
  if (deepestIndent > DEEPEST * 8) throw new UserError(`${name} is nested deeper than ${DEEPEST} levels`);
}

function syntaxFaults(document: Document.Parsed, lines: LineCounter): Fault[] {
  const at = (offset: number, message: string): Fault => ({ ...position(lines, offset), message });
  const faults = [...document.errors, ...document.warnings].map((error) => at(error.pos[0], error.message.split(" at line ")[0] ?? error.message));
  visit(document, {
    Alias: (_key, node) => void faults.push(at(start(node), "aliases are not allowed here; write the value out")),
    Node: (_key, node) => {
      const { anchor, tag } = node as { anchor?: string; tag?: string };
      if (anchor !== undefined) faults.push(at(start(node), "anchors are not allowed here"));
      if (tag !== undefined && !tag.startsWith("tag:yaml.org,2002:")) faults.push(at(start(node), `the tag ${tag} is not allowed here`));
    },
    Pair: (_key, pair) => {
      const key = isScalar(pair.key) ? String(pair.key.value) : "";
      if (["__proto__", "constructor", "prototype"].includes(key)) faults.push(at(start(pair.key), `"${key}" is not a known field`));
    },
    Scalar: (_key, node) => {
      if (typeof node.value !== "number" || node.type !== "PLAIN") return;
      if (!Number.isFinite(node.value)) faults.push(at(start(node), `${node.source} is not a number that can be used`));
      else if (/^[+-]?0\d/.test(node.source ?? "")) faults.push(at(start(node), `${node.source}: put quotes around it, or leave the leading zero out`));
    },
  });
  return faults;
}

/** A zod issue at its place in the file; an unknown field gets the nearest known name. */
function schemaFaults(issue: z.core.$ZodIssue, document: Document.Parsed, lines: LineCounter): Fault[] {
  const path = issue.path.filter((part): part is string | number => typeof part !== "symbol");
  const where = path.length > 0 ? `${path.join(".")}: ` : "";
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => {
      const known = (issue as { known?: string[] }).known ?? [];
      const near = nearest(key, known, 1).map((word) => `; did you mean ${word}?`).join("");
      return { ...keyPosition(document, lines, path, key), message: `${[...path, key].join(".")} is not a known field${near}` };
    });
  }
  if (issue.code === "invalid_union") {
    const best = issue.errors.filter((errors) => errors.length > 0).sort((a, b) => b[0]!.path.length - a[0]!.path.length || a.length - b.length)[0];
    if (best !== undefined && best[0]!.path.length > 0) return best.flatMap((inner) => schemaFaults({ ...inner, path: [...issue.path, ...inner.path] }, document, lines));
  }
  const node = document.getIn(path, true) as Node | undefined;
  const offset = node === undefined ? undefined : start(node);
  const missing = issue.code === "invalid_type" && offset === undefined;
  return [{ ...(offset === undefined ? parentPosition(document, lines, path) : position(lines, offset)), message: missing ? `${path.join(".")} is missing` : `${where}${issue.message}` }];
}

function keyPosition(document: Document.Parsed, lines: LineCounter, path: (string | number)[], key: string) {
  const map = path.length === 0 ? document.contents : (document.getIn(path, true) as Node | undefined);
  const pair = isMap(map) ? map.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === key) : undefined;
  return position(lines, pair === undefined ? 0 : start(pair.key));
}

function parentPosition(document: Document.Parsed, lines: LineCounter, path: (string | number)[]) {
  for (let length = path.length - 1; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true) as Node | undefined;
    if (node !== undefined) return position(lines, start(node));
  }
  return { line: 1, column: 1 };
}

function start(node: unknown): number {
  return (node as { range?: [number, number, number] } | null)?.range?.[0] ?? 0;
}

function position(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}

function report(name: string, faults: readonly Fault[]): UserError {
  const sorted = [...faults].sort((a, b) => a.line - b.line || a.column - b.column).slice(0, 50);
  return new UserError(sorted.map((fault) => `${name}:${fault.line}:${fault.column}: ${fault.message}`).join("\n"), { hint: "Nothing was changed." });
}
