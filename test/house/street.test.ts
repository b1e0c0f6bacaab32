import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";

const src = join(packageRoot(), "src");

/** The folders in the order in which data passes; a stage may import itself, earlier stages and the shared ground. */
const STREET = [
  "organizations",
  "senders",
  "contacts",
  "templates",
  "audience",
  "campaigns",
  "drips",
  "events",
  "plans",
  "sending",
  "webhooks",
  "conversations",
  "sources",
  "jobs",
  "tick",
  "analytics",
  "moving",
  "reports",
  "status",
  "simulator",
  "quickstart",
  "completion",
  "library",
];
const GROUND = new Set(["cli", "db", "definitions", "config.ts", "errors.ts", "files", "http", "root.ts"]);

function filesBelow(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? filesBelow(path) : [path];
  });
}

const sources = filesBelow(src).filter((file) => file.endsWith(".ts"));

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/(?:from|import\()\s*"(\.[^"]+)"/g)].map((match) =>
    relative(src, join(dirname(file), match[1] as string)),
  );
}

function stageOf(path: string): string {
  return path.split("/")[0] as string;
}

/** The table of contents and the composition of commands know every stage; only they do. */
const knowsAll = (file: string) => file === "cli/commands.ts" || file === "index.ts";

describe("the house", () => {
  it("has only folders that stand in the street or belong to the shared ground", () => {
    const folders = readdirSync(src).filter((name) => statSync(join(src, name)).isDirectory());
    expect(folders.filter((name) => !STREET.includes(name) && !GROUND.has(name))).toEqual([]);
  });

  it("lets data walk in one direction: no stage imports a later one", () => {
    const wrong = sources.flatMap((path) => {
      const file = relative(src, path);
      if (knowsAll(file)) return [];
      const own = STREET.indexOf(stageOf(file));
      return importsOf(path)
        .filter((target) => {
          const stage = STREET.indexOf(stageOf(target));
          if (own < 0) return stage > 0 && !target.startsWith("organizations/");
          return stage > own;
        })
        .map((target) => `${file} -> ${target}`);
    });
    expect(wrong).toEqual([]);
  });

  it("has no drawer for odds and ends", () => {
    const names = sources
      .map((path) => relative(src, path))
      .filter((file) => /(^|\/)(utils?|helpers?|common|services?|types)(\.ts|\/)/.test(file));
    expect(names).toEqual([]);
  });

  it("keeps files small, but for the table of contents, which has an entry a command", () => {
    const long = filesBelow(src)
      .filter((path) => relative(src, path) !== "cli/commands.ts")
      .filter((path) => /\.(ts|sql)$/.test(path))
      .filter((path) => readFileSync(path, "utf8").split("\n").length > 300)
      .map((path) => relative(src, path));
    expect(long).toEqual([]);
  });
});
