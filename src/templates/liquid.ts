import type { Liquid, Template } from "liquidjs";
import { nearest } from "../cli/near.ts";
import { UserError } from "../errors.ts";

/** What a text may speak of. A field without a value is left out: null would print as nothing. */
export interface LiquidScope {
  contact: Record<string, unknown>;
  organization: { name: string };
  campaign: { name: string };
}

/** The text, or what the contact has not got ("contact.first_name"): a value, not an exception. */
export type Filled = { text: string } | { missing: string };

export interface CompiledText {
  /** false: the same for everyone */
  varies: boolean;
  fill(scope: LiquidScope): Filled;
}

/** What may be said about each root; below contact.attributes anything. */
const KNOWN = {
  contact: ["first_name", "last_name", "phone", "email", "language", "attributes"],
  organization: ["name"],
  campaign: ["name"],
} as const;
const KNOWN_NAMES = Object.entries(KNOWN).flatMap(([root, fields]) =>
  fields.map((field) => `${root}.${field}`),
);

/** Milliseconds of rendering; a process that was stopped in the middle gets a second try. */
const RENDER_LIMIT = 500;
const BOUNDS = { parseLimit: 100_000, renderLimit: RENDER_LIMIT, memoryLimit: 1_000_000 };

/**
 * Compiles a Liquid text once, for many contacts: strict (a name without a value and without `default` is missing), own
 * properties only, no files, bounded work. A text without Liquid in it costs nothing and loads nothing.
 * @throws UserError when it cannot be parsed, or speaks of something that is not there for anybody
 */
export async function compileText(text: string): Promise<CompiledText> {
  if (!/\{\{|\{%/.test(text)) return { varies: false, fill: () => ({ text }) };
  theEngine ??= makeEngine();
  const engine = await theEngine;
  try {
    const numbered = /\{\{\s*\d+\s*\}\}/.exec(text)?.[0];
    if (numbered !== undefined)
      throw new Error(`${numbered} is how templates write it; here it is {{ contact.first_name }}`);
    const template = engine.parse(text);
    refuseStrangeNames(engine, template);
    const plain = plainFill(text);
    return { varies: true, fill: (scope) => plain?.(scope) ?? fill(engine, template, scope) };
  } catch (error) {
    throw new UserError(`"${text.length > 60 ? `${text.slice(0, 60)}…` : text}": ${firstLine(error)}`, {
      cause: error,
    });
  }
}

let theEngine: Promise<Liquid> | undefined;

async function makeEngine(): Promise<Liquid> {
  const { Liquid } = await import("liquidjs");
  const engine = new Liquid({
    strictVariables: true,
    strictFilters: true,
    ownPropertyOnly: true,
    lenientIf: true,
    templates: {},
    outputEscape: asText,
    ...BOUNDS,
  });
  for (const tag of ["include", "render", "layout", "block"]) delete engine.tags[tag];
  return engine;
}

function asText(value: unknown): string {
  if (value === null || value === undefined || typeof value === "object") throw new Error("it is no text");
  return String(value);
}

function refuseStrangeNames(engine: Liquid, template: Template[]): void {
  for (const segments of engine.globalVariableSegmentsSync(template)) {
    const [root, field] = segments;
    const fields: readonly unknown[] | undefined = Object.hasOwn(KNOWN, String(root))
      ? KNOWN[root as keyof typeof KNOWN]
      : undefined;
    if (fields?.includes(field) === true) continue;
    const name = segments.map(String).join(".");
    const near = nearest(name, KNOWN_NAMES, 1)[0] ?? `one of ${KNOWN_NAMES.join(", ")}`;
    throw new Error(`${name} is not known; did you mean ${near}?`);
  }
}

/**
 * A text with nothing but `{{ contact.first_name }}` in it is put together without the engine, which takes some twenty
 * times as long. @returns undefined for other texts; and its result is undefined where the engine has to decide
 */
function plainFill(text: string): ((scope: LiquidScope) => Filled | undefined) | undefined {
  const pieces = text.split(/\{\{ *([a-z_]+)\.([a-z_]+) *\}\}/);
  if (pieces.some((piece, n) => n % 3 === 0 && /[{}]/.test(piece))) return undefined;
  return (scope) => {
    let filled = pieces[0] as string;
    for (let n = 1; n < pieces.length; n += 3) {
      const root = scope[pieces[n] as keyof LiquidScope] as Record<string, unknown>;
      const field = pieces[n + 1] as string;
      const value = Object.hasOwn(root, field) ? root[field] : undefined;
      if (typeof value !== "string") return undefined;
      filled += value + pieces[n + 2];
    }
    return { text: filled };
  };
}

function fill(engine: Liquid, template: Template[], scope: LiquidScope, isRetry = false): Filled {
  try {
    return { text: String(engine.renderSync(template, scope)) };
  } catch (error) {
    const reason = firstLine(error);
    if (!isRetry && reason.includes("render limit")) return fill(engine, template, scope, true);
    return { missing: /^undefined variable: (.*)$/.exec(reason)?.[1] ?? `usable text (${reason})` };
  }
}

/** The library's messages end with the place in the text, and show the line. */
function firstLine(error: unknown): string {
  const [line = ""] = (error as Error).message.split("\n");
  return line.replace(/, line:\d+, col:\d+$/, "").trim();
}
