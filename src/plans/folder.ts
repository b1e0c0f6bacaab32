import { readdirSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { withReadPhones } from "../audience/phones.ts";
import { broadcastSchema } from "../campaigns/definition.ts";
import { readPlaced } from "../definitions/read.ts";
import { dripSchema } from "../drips/definition.ts";
import { UserError } from "../errors.ts";
import { ruleSchema } from "../events/rule-definition.ts";
import type { Organization } from "../organizations/organization.ts";
import { templateSchema } from "../templates/definition.ts";

/** What a file of a folder may hold, told apart by its kind. */
export const definitionSchema = z.discriminatedUnion("kind", [
  templateSchema,
  dripSchema,
  ruleSchema,
  broadcastSchema,
]);

export type Definition = z.output<typeof definitionSchema>;
export type DefinitionKind = Definition["kind"];

/** Definitions in an order in which each finds what it names: templates, drips that use them, rules that enter people into drips. */
const ORDER: readonly DefinitionKind[] = ["template", "drip", "rule", "broadcast"];

/** As many as anyone keeps in one folder; more is the wrong folder. */
const MOST_FILES = 1000;

export interface DefinitionFile {
  /** its path, as it was asked for */
  file: string;
  definition: Definition;
}

/**
 * Every definition (`*.yaml`, `*.yml`) of a folder, not of its subfolders. Phones are read as of the organization's country.
 * @throws UserError (2) with every fault of every file, a line each, and when two files define the same thing
 */
export async function readFolder(
  folder: string,
  { defaultCountry }: Pick<Organization, "defaultCountry">,
): Promise<DefinitionFile[]> {
  const faults: string[] = [];
  const files: DefinitionFile[] = [];
  const seen = new Map<string, string>();
  for (const file of yamlFiles(folder)) {
    try {
      const { definition, placeOf } = await readPlaced(file, definitionSchema);
      const key = `${definition.kind} "${nameOf(definition)}"`;
      const other = seen.get(key);
      if (other !== undefined) faults.push(`${placeOf("name")}: ${key} is in ${other} too`);
      seen.set(key, file);
      files.push({ file, definition: await withPhones(definition, defaultCountry) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      faults.push(error.message);
    }
  }
  if (faults.length > 0) throw new UserError(faults.join("\n"), { hint: "Nothing was changed." });
  return files.sort((a, b) => ORDER.indexOf(a.definition.kind) - ORDER.indexOf(b.definition.kind));
}

function yamlFiles(folder: string): string[] {
  const files = namesIn(folder)
    .filter((name) => /\.ya?ml$/i.test(name))
    .sort()
    .map((name) => join(folder, name));
  if (files.length === 0) throw new UserError(`${folder} holds no .yaml file`);
  if (files.length > MOST_FILES)
    throw new UserError(`${folder} holds ${files.length} .yaml files; ${MOST_FILES} at most`);
  return files;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") throw new UserError(`${folder} does not exist`);
    if (code === "ENOTDIR")
      throw new UserError(`${folder} is no folder`, { hint: "Name the folder that holds the YAML files." });
    throw new UserError(`${folder} cannot be read (${code})`);
  }
}

async function withPhones(definition: Definition, country: string): Promise<Definition> {
  if (definition.kind !== "broadcast") return definition;
  return { ...definition, targetAudience: await withReadPhones(definition.targetAudience, country) };
}

/** What tells a definition apart among its kind: of a template, its name and language. */
export function nameOf(definition: { name: string; language?: string }): string {
  const { name, language } = definition;
  return language === undefined ? name : `${name} (${language})`;
}
