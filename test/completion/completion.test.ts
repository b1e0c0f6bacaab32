import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { complete } from "../../src/completion/complete.ts";
import { SCRIPTS } from "../../src/completion/scripts.ts";
import { typed, wordsOf } from "../../src/completion/words.ts";
import { runAdsapp } from "../support/program.ts";
import { makeShop, type Shop } from "./setup.ts";

let shop: Shop;

beforeAll(async () => {
  shop = await makeShop();
});

afterAll(() => shop.end());

/** What is offered for the last of these words, without what it is about. */
async function offered(...words: string[]): Promise<string[]> {
  const lines = (await complete(["words", ...words], shop.env)).split("\n").slice(0, -1);
  return lines.map((line) => line.split("\t")[0] as string);
}

describe("what is offered", () => {
  it("is every noun, and every verb of a noun, with what it is about", async () => {
    expect(await offered("")).toEqual([...new Set(commands.map(({ path }) => path.split(" ")[0]))]);
    const verbs = commands
      .filter(({ path }) => path.startsWith("drip "))
      .map(({ path }) => path.split(" ")[1]);
    expect(await offered("drip", "")).toEqual(verbs);
    expect(await complete(["words", "drip", "act"], shop.env)).toBe("activate\tlet it run, or go on\n");
    expect(await offered("help", "campaign", "sh")).toEqual(["show"]);
  });

  it("is flags, those of the command and those of all, but none twice", async () => {
    expect(await offered("campaign", "start", "x", "--a")).toEqual(["--as", "--at"]);
    expect(await offered("campaign", "start", "x", "--at", "y", "--a")).toEqual(["--as"]);
    expect(await offered("tick", "--only", "send", "--on")).toEqual(["--only"]);
    expect(await offered("tick", "")).toContain("--drain"); // no argument comes there
  });

  it("is the choices of a flag or an argument, also behind an equals sign", async () => {
    expect(await offered("tick", "--only", "")).toEqual([
      "inbox",
      "wake",
      "enroll",
      "expand",
      "rescue",
      "send",
      "settle",
    ]);
    expect(await offered("org", "list", "--format=j")).toEqual(["--format=json"]);
    expect(await offered("completion", "")).toEqual(["bash", "zsh", "fish"]);
  });

  it("is names of the organization in use, the newest first, and no other's", async () => {
    expect(await offered("campaign", "show", "Bl")).toEqual(["Black Friday Nacht", "Black Friday Sale"]);
    expect(await offered("--org", "other", "campaign", "show", "Bl")).toEqual(["Black Ops"]);
    expect(await offered("campaign", "show", "--org=other", "")).toEqual(["Black Ops"]);
    expect(await offered("drip", "show", "")).toEqual(["Nieuwe Lead Opvolging"]);
    expect(await offered("sender", "show", "")).toEqual(["nummer-1"]);
    expect(await offered("drip", "enroll", "Nieuwe Lead Opvolging", "--tag", "")).toEqual(["leads", "vip"]);
    expect(await offered("--org", "")).toEqual(["jansen", "other"]);
    expect(await offered("org", "show", "")).toEqual(["jansen", "other"]);
    expect(await offered("--as", "cl")).toEqual(["cli@jansen"]);
    expect(await offered("job", "list", "--campaign", "Nie")).toEqual(["Nieuwe Lead Opvolging"]);
  });

  it("is what an acting profile may see", async () => {
    expect(await offered("--as", "viewer@jansen", "campaign", "show", "Bl")).toHaveLength(2);
    await expect(offered("--as", "cli@other", "campaign", "show", "Bl")).rejects.toThrow("not found"); // silent as a command
  });

  it("does not mind capitals, and leaves out names that cannot be typed", async () => {
    expect(await offered("campaign", "show", "black")).toHaveLength(2);
    expect(await offered("campaign", "show", "a")).toEqual([]);
  });

  it("is files where a file is meant, and nothing where something new is named", async () => {
    for (const words of [
      ["contact", "import", ""],
      ["campaign", "create", "-f", ""],
      ["db", "restore", ""],
    ])
      expect(await offered(...words)).toEqual([":files"]);
    for (const words of [
      ["org", "create", ""],
      ["list", "create", ""],
      ["campaign", "start", "x", "--at", ""],
    ])
      expect(await offered(...words)).toEqual([]);
  });

  it("is nothing, in silence and at once, when there is no database, none that runs, or no such organization", async () => {
    const began = performance.now();
    for (const env of [
      { ...shop.env, DATABASE_URL: "postgresql://127.0.0.1:1/x" },
      { ...shop.env, DATABASE_URL: "nonsense" },
      { ...shop.env, DATABASE_URL: undefined },
      { ...shop.env, ADSAPP_ORG: "nowhere" },
    ]) {
      const said = await runAdsapp(["__complete", "words", "campaign", "show", ""], { home: shop.home, env });
      expect(said).toEqual({ stdout: "", stderr: "", exitCode: 0 });
    }
    expect(performance.now() - began).toBeLessThan(20_000);
    expect(existsSync(join(shop.home, "data"))).toBe(false); // it made none
  });

  it("is in no list of commands, and never a fault", async () => {
    expect(await offered("__")).toEqual([]);
    for (const words of [
      [],
      ["bash"],
      ["bash", "'"],
      ["words", "--"],
      ["words", "\u0000", "\n"],
      ["nonsense"],
    ])
      expect(
        (
          await runAdsapp(["__complete", ...words.map((word) => word.replace("\u0000", ""))], {
            env: shop.env,
          })
        ).stderr,
      ).toBe("");
  });
});

describe("the words of a line", () => {
  it.each([
    ["adsapp campaign show ", ["adsapp", "campaign", "show", ""], ""],
    [`adsapp  show 'Black Fr`, ["adsapp", "show", "Black Fr"], "'"],
    [`adsapp show "a \\"b\\" \\x`, ["adsapp", "show", `a "b" \\x`], '"'],
    ["adsapp show Black\\ Fr", ["adsapp", "show", "Black Fr"], ""],
    [`adsapp show "" x`, ["adsapp", "show", "", "x"], ""],
  ] as const)("of %s are %j", (text, words, quote) => {
    expect(wordsOf(text)).toEqual({ words, quote });
  });

  it("are read back as they were, however they are typed", () => {
    for (const word of ["Black Friday", `Jan's "feest" & $5`, "~x", "Café ☕", "a\\b`c`", "!x*?"])
      for (const quote of ["", "'", '"'] as const)
        expect(wordsOf(`${quote}${typed(word, quote)}${quote}`).words).toEqual([word]);
  });
});

describe("in bash", () => {
  /** COMPREPLY of the real bash for a line with the cursor at its end; bash cuts the last word as `word` says. */
  async function replies(line: string, word = line.split(" ").at(-1) as string): Promise<string[]> {
    const script = `set -euo pipefail; eval "$(adsapp completion bash)"; COMP_LINE=$1 COMP_POINT=\${#1} COMP_WORDS=("$2") COMP_CWORD=0; _adsapp; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const ran = await promisify(execFile)("bash", ["-c", script, "bash", line, word], { env: shop.env });
    expect(ran.stderr).toBe("");
    return ran.stdout.split("\n").filter((text) => text !== "");
  }

  it("completes words, cut names and quoted names as bash wants them typed", async () => {
    expect(await replies("adsapp camp")).toEqual(["campaign"]);
    expect(await replies("adsapp org list --format=j", "j")).toEqual(["json"]);
    expect(await replies("adsapp org list --format=", "=")).toEqual([
      "table",
      "json",
      "ndjson",
      "csv",
      "html",
    ]);
    expect(await replies("adsapp campaign show Black\\ Friday\\ S", "Black\\ Friday\\ S")).toEqual([
      "Black\\ Friday\\ Sale",
    ]);
    expect(await replies('adsapp campaign show "Black Friday S', '"Black Friday S')).toEqual([
      "Black Friday Sale",
    ]);
    expect(await replies("adsapp campaign show Jan")).toEqual([`Jan\\'s\\ \\"feest\\"\\ \\&\\ \\$5`]);
    expect(await replies("adsapp --as cli@j", "j")).toEqual(["jansen"]);
  });

  it("what it offers is read by bash as the name", async () => {
    const [reply = ""] = await replies("adsapp campaign show Jan");
    const { stdout } = await promisify(execFile)("bash", ["-c", `printf %s ${reply}`]);
    expect(stdout).toBe(`Jan's "feest" & $5`);
  });

  it("the script is one that bash takes, whatever its options", async () => {
    await promisify(execFile)("bash", ["-n", "-c", SCRIPTS.bash]);
  });
});

describe("the scripts", () => {
  it.each(["bash", "zsh", "fish"] as const)(
    "adsapp completion %s prints one that asks the program, and says where it goes",
    async (shell) => {
      const { stdout, exitCode } = await runAdsapp(["completion", shell], {
        env: { DATABASE_URL: "postgresql://127.0.0.1:1/x" },
      });
      expect(exitCode).toBe(0);
      expect(stdout).toBe(SCRIPTS[shell]);
      expect(stdout.split("\n").slice(0, 2).join(" ")).toMatch(/# adsapp completion \w+: put it /);
      expect(stdout).toContain("adsapp __complete ");
    },
  );

  it("refuses a shell that it does not know", async () => {
    expect(await runAdsapp(["completion", "tcsh"])).toMatchObject({
      exitCode: 2,
      stderr: expect.stringMatching(/bash, zsh, fish/),
    });
  });
});
