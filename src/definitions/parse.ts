import { Composer, type CST, type Document, isScalar, Lexer, LineCounter, Parser, visit } from "yaml";
import { UserError } from "../errors.ts";

/** A fault at its place; lines and columns count from 1. */
export interface Fault {
  line: number;
  column: number;
  message: string;
  /** what stands here cannot be read as anything, so the schema has nothing to check */
  isFatal?: boolean;
}

/** The document as it stands in the file, for the places of later faults. */
export interface Source {
  document: Document.Parsed;
  /** where an offset of the text is */
  at(offset: number): { line: number; column: number };
}

/** Levels of the document; each is at most two of the parser's. */
const DEEPEST = 40;

/** What was read. `value` is undefined when a fault is fatal. */
export interface Parsed {
  value: unknown;
  source: Source;
  faults: Fault[];
}

/**
 * Reads one YAML 1.2 document (JSON is one). What YAML allows and a definition does not need is a fault: aliases, anchors,
 * tags of one's own, a field twice, several documents, numbers that are none or that YAML would write otherwise (`010`,
 * `1.50`, `+316…`: text that lost its quotes), and characters that PostgreSQL cannot keep.
 * @throws UserError (2) where reading on makes no sense: it is empty, or nested too deep
 */
export function parseDefinition(name: string, text: string): Parsed {
  const lines = new LineCounter();
  const tokens = tokensOf(name, text, lines);
  // The library's own check of unique keys compares each with each: 60,000 keys take 20 seconds.
  const [document, second] = [
    ...new Composer({ schema: "core", merge: false, uniqueKeys: false }).compose(tokens, true, text.length),
  ];
  const source = { document: document as Document.Parsed, at: (offset: number) => placeOf(lines, offset) };
  if (document === undefined || (document.contents === null && document.errors.length === 0))
    throw new UserError(`${name} is empty`);
  const faults = syntaxFaults(source);
  if (second !== undefined) {
    faults.push({
      ...source.at(second.range[0]),
      message: "a second document begins here; one file holds one definition",
      isFatal: true,
    });
  }
  return {
    value: faults.every(({ isFatal }) => isFatal !== true) ? document.toJS({ maxAliasCount: 0 }) : undefined,
    source,
    faults,
  };
}

/** Depth is counted by the parser's own stack while it reads, since composing a deep document overflows ours. */
function tokensOf(name: string, text: string, lines: LineCounter): CST.Token[] {
  const parser = new Parser(lines.addNewLine);
  lines.addNewLine(0);
  const tokens: CST.Token[] = [];
  let documents = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const read = [...parser.next(lexeme)];
    tokens.push(...read);
    if (parser.stack.length > DEEPEST * 2)
      throw new UserError(`${name} is nested deeper than ${DEEPEST} levels`);
    documents += read.filter(({ type }) => type === "document").length;
    if (documents > 1) break;
  }
  tokens.push(...parser.end());
  return tokens;
}

function syntaxFaults(source: Source): Fault[] {
  const { document } = source;
  const faults = [...document.errors, ...document.warnings].map(
    (error): Fault => ({ ...source.at(error.pos[0]), message: wording(error.message), isFatal: true }),
  );
  const refuse = (node: unknown, message: string, isFatal = false) =>
    void faults.push({ ...source.at(startOf(node)), message, isFatal });
  visit(document, {
    Alias: (_key, node) => refuse(node, "aliases are not allowed here; write the value out", true),
    Node: (_key, node) => {
      if ((node as { anchor?: string }).anchor !== undefined) refuse(node, "anchors are not allowed here");
    },
    Map: (_key, map) => {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const field = isScalar(key) ? String(key.value) : undefined;
        if (field === undefined) refuse(key ?? map, "a field's name is one word", true);
        else if (seen.has(field)) refuse(key, `${field} is there twice`);
        else if (["__proto__", "constructor", "prototype"].includes(field))
          refuse(key, `${field} is not a known field`, true);
        seen.add(field ?? "");
      }
    },
    Scalar: (_key, node) => {
      const { value, source: written = "", type } = node;
      if (typeof value === "number" && type === "PLAIN" && String(value) !== written)
        refuse(node, doubtful(written, value));
      else if (typeof value === "string" && !canBeKept(value))
        refuse(node, "there is a character in it that is none (NUL or half of a pair)");
    },
  });
  return faults;
}

/** `.nan`, `1e400`; `+31612345678`; `010` and `1.50`, which would silently lose a digit. */
function doubtful(written: string, value: number): string {
  if (!Number.isFinite(value)) return `${written} is not a number`;
  if (written.startsWith("+")) return `write "${written}" in quotes: it would lose its plus`;
  return `${written} is text without its quotes, or the number ${value}: write "${written}" or ${value}`;
}

/** PostgreSQL's text and jsonb take neither. */
function canBeKept(text: string): boolean {
  return !text.includes("\0") && !/\p{Surrogate}/u.test(text);
}

function wording(message: string): string {
  return message.replace(/^Unresolved tag: (.*)$/, "the tag $1 is not allowed here");
}

/** The offset at which a node begins; 0 for what is not in the text. */
export function startOf(node: unknown): number {
  return (node as { range?: [number, number, number] } | null | undefined)?.range?.[0] ?? 0;
}

function placeOf(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(1, line), column: Math.max(1, col) };
}
