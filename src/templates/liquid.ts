import { UserError } from "../errors.ts";

/** What a text may speak of: contact, organization, campaign. */
export interface LiquidScope {
  contact: Record<string, unknown>;
  organization: { name: string };
  campaign: { name: string };
}

/** The text, or the name of what the contact lacks: a value, not an exception. */
export type Filled = { text: string } | { missing: string };

export interface CompiledText {
  /** false: the same for everyone */
  varies: boolean;
  fill(scope: LiquidScope): Filled;
}

export const ROOTS = ["contact", "organization", "campaign"];
const BOUNDS = { parseLimit: 100_000, renderLimit: 50, memoryLimit: 1_000_000 };

/**
 * Compiles a Liquid text: strict (a name without a value or default is missing), own properties only, no files, bounded
 * work. A text without Liquid in it costs nothing.
 * @throws UserError when it cannot be parsed, or speaks of something that is not there
 */
export async function compileText(text: string): Promise<CompiledText> {
  if (!/\{\{|\{%/.test(text)) return { varies: false, fill: () => ({ text }) };
  const { Liquid } = await import("liquidjs");
  const engine = new Liquid({ strictVariables: true, strictFilters: true, ownPropertyOnly: true, lenientIf: true, fs: NO_FILES, ...BOUNDS });
  let template: ReturnType<typeof engine.parse>;
  try {
    template = engine.parse(text);
  } catch (error) {
    throw new UserError(`"${text.slice(0, 80)}": ${firstLine(error)}`);
  }
  const strange = engine.globalVariablesSync(template).filter((name) => !ROOTS.includes(name));
  if (strange.length > 0) throw new UserError(`"${text.slice(0, 80)}": ${strange.join(", ")} is not known; there are ${ROOTS.join(", ")}`);
  return {
    varies: true,
    fill(scope) {
      try {
        return { text: String(engine.renderSync(template, scope)) };
      } catch (error) {
        return { missing: /undefined variable: (\S+?),?(?:\s|$)/.exec(firstLine(error))?.[1] ?? firstLine(error).slice(0, 100) };
      }
    },
  };
}

const NO_FILES = {
  exists: async () => false,
  existsSync: () => false,
  readFile: async (): Promise<string> => Promise.reject(new Error("files are not allowed")),
  readFileSync: (): string => {
    throw new Error("files are not allowed");
  },
  resolve: (_root: string, file: string) => file,
};

function firstLine(error: unknown): string {
  return ((error as Error).message.split("\n")[0] ?? "").trim();
}
