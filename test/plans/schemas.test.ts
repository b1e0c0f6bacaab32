import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { readConfig } from "../../src/config.ts";
import schemaCommand from "../../src/plans/schema.command.ts";
import { FORMAT_NAMES, type FormatName, formatSchema } from "../../src/plans/schemas.ts";
import { packageRoot } from "../../src/root.ts";
import { fieldsOf, mistyped, SAMPLES } from "../definitions/samples.ts";
import { runCommand } from "../reports/run-command.ts";

/** What an editor makes of a schema: from the JSON alone. */
const editors = Object.fromEntries(
  FORMAT_NAMES.map((name) => [name, z.fromJSONSchema(JSON.parse(JSON.stringify(formatSchema(name))))]),
) as Record<FormatName, z.ZodType>;
const accepts = (name: FormatName, value: unknown) => editors[name].safeParse(value).success;

const folder = join(packageRoot(), "fixtures");
const fixtures = readdirSync(folder)
  .filter((name) => name.endsWith(".yaml"))
  .map((name) => {
    const path = join(folder, name);
    return { name, path, text: readFileSync(path, "utf8") };
  });

describe("the JSON Schemas", () => {
  it.each(fixtures)("are found from $name by the editor's line, and take it", ({ path, text }) => {
    const [, line = ""] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    const schema = resolve(dirname(path), line);
    const { kind } = parse(text) as { kind: FormatName };
    expect(schema).toBe(join(packageRoot(), "docs/reference/schemas", `${kind}.json`));
    expect(existsSync(schema)).toBe(true);
    expect(accepts(kind, parse(text))).toBe(true);
  });

  it.each(Object.entries(SAMPLES) as [FormatName, object][])(
    "take a %s with something at each level, and refuse a slip in any field's name",
    (kind, sample) => {
      expect(accepts(kind, sample)).toBe(true);
      const taken = fieldsOf(sample).filter((path) => accepts(kind, mistyped(sample, path)));
      expect(taken.map((path) => path.join("."))).toEqual([]);
    },
  );

  it.each<[FormatName, string, unknown]>([
    [
      "drip",
      "short delays and triggers",
      { trigger: "manual", steps: [{ delay: "2d", message: { type: "text", text: "x" } }] },
    ],
    [
      "broadcast",
      "inline text of the source document",
      { targetAudience: { type: "all" }, message: { type: "template", content: "x" } },
    ],
  ])("take, of a %s, %s", (kind, _what, more) => {
    expect(accepts(kind, { kind, name: "x", ...(more as object) })).toBe(true);
  });

  it.each<[FormatName, string, object]>([
    [
      "drip",
      "a delay of another shape",
      { steps: [{ delay: "2 days", message: { type: "text", text: "x" } }] },
    ],
    [
      "drip",
      "a condition that is none",
      { exitWhen: [{ tagg: "x" }], steps: [{ delay: "2d", message: { type: "text", text: "x" } }] },
    ],
    [
      "broadcast",
      "a time that is none",
      {
        targetAudience: { type: "all" },
        message: { type: "text", text: "x" },
        scheduling: { type: "scheduled", scheduledAt: "tomorrow" },
      },
    ],
    [
      "broadcast",
      "a duration that is none",
      {
        targetAudience: { type: "all" },
        message: { type: "text", text: "x" },
        settings: { maxLateness: "2 hours" },
      },
    ],
  ])("refuse, of a %s, %s", (kind, _what, more) => {
    expect(accepts(kind, { kind, name: "x", ...more })).toBe(false);
  });

  it("of config.json names what the program reads, and config.json may name the schema", () => {
    const given = {
      $schema: "./config.schema.json",
      organization: "jansen",
      user: "a@jansen",
      databaseUrl: "postgresql://x/y",
    };
    expect(accepts("config", given)).toBe(true);
    expect(accepts("config", { ...given, organisation: "jansen" })).toBe(false);
    const home = mkdtempSync(join(tmpdir(), "adsapp-config-"));
    onTestFinished(() => rmSync(home, { recursive: true }));
    writeFileSync(join(home, "config.json"), JSON.stringify(given));
    expect(readConfig({ ADSAPP_HOME: home })).toMatchObject({ organization: "jansen", user: "a@jansen" });
  });

  it("are printed by adsapp schema, without a database", async () => {
    const databaseUrl = "postgresql://nobody@127.0.0.1:9/nowhere";
    const { stdout, stderr, exitCode } = await runCommand(schemaCommand, ["drip"], { databaseUrl });
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(JSON.parse(stdout)).toEqual(formatSchema("drip"));
  });
});
