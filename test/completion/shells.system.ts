// The real shells, on a real terminal (util-linux's script): apt-get install zsh fish
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { packageRoot } from "../../src/root.ts";
import { until } from "../support/embedded-homes.ts";
import { makeShop, type Shop } from "./setup.ts";

let shop: Shop;
let ran: string;
let terminal: ChildProcess | undefined;

beforeAll(async () => {
  shop = await makeShop();
  ran = join(shop.bin, "ran");
  // what a person runs is written down; completion itself is the program's
  const program = `exec "${process.execPath}" "${join(packageRoot(), "bin/adsapp.js")}" "$@"`;
  const shim = `#!/bin/sh\ncase $1 in __complete|completion) ${program} ;; esac\nprintf '%s\\n' "$@" > "${ran}.new"; mv "${ran}.new" "${ran}"\n`;
  writeFileSync(join(shop.bin, "adsapp"), shim, { mode: 0o755 });
});

afterAll(() => shop.end());

afterEach(() => {
  terminal?.kill();
  rmSync(ran, { force: true });
});

/** Types keys into a shell once it waits, each when what it shows matches, and gives the words with which adsapp ran. */
async function typed(shell: string, prepare: string, keys: string, shows: RegExp): Promise<string[]> {
  const child = spawn("script", ["-qfec", shell, "/dev/null"], {
    env: { ...shop.env, PS1: "ready> ", TERM: "xterm", LC_ALL: "C.UTF-8" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  terminal = child;
  let shown = "";
  child.stdout.on("data", (text: Buffer) => {
    shown += text.toString();
  });
  const send = (text: string) => {
    shown = "";
    child.stdin.write(text);
  };
  await until(() => /ready> |[%#$] $/.test(shown));
  send(`${prepare}; echo prepa''red\n`);
  await until(() => /prepared[\s\S]*(ready> |[%#$] )/.test(shown));
  send(keys);
  await until(() => shows.test(shown));
  send("\n");
  await until(() => existsSync(ran));
  return readFileSync(ran, "utf8").trimEnd().split("\n");
}

describe("Tab in bash", () => {
  const bash = "bash --norc --noprofile -i";
  const prepare = "source <(adsapp completion bash)";

  it.each([
    ["adsapp camp\tshow Black\\ Friday\\ S\t", /Sale/, ["campaign", "show", "Black Friday Sale"]],
    ['adsapp campaign show "Black Friday S\t', /Sale/, ["campaign", "show", "Black Friday Sale"]],
    ["adsapp campaign show Jan\t", /feest/, ["campaign", "show", `Jan's "feest" & $5`]],
    ["adsapp campaign list --format=js\t", /json/, ["campaign", "list", "--format=json"]],
  ])("after %j gives what was meant", async (keys, shows, words) => {
    expect(await typed(bash, prepare, keys, shows)).toEqual(words);
  });
});

describe("Tab in zsh", () => {
  const zsh = "zsh -f -i";
  const prepare = 'PS1="ready> "; autoload -U compinit; compinit -u -D; source <(adsapp completion zsh)';

  it.each([
    ["adsapp camp\tshow Black\\ Friday\\ S\t", /Sale/, ["campaign", "show", "Black Friday Sale"]],
    ['adsapp campaign show "Black Friday S\t', /Sale/, ["campaign", "show", "Black Friday Sale"]],
    ["adsapp campaign show Jan\t", /feest/, ["campaign", "show", `Jan's "feest" & $5`]],
    ["adsapp campaign list --format=js\t", /json/, ["campaign", "list", "--format=json"]],
  ])("after %j gives what was meant", async (keys, shows, words) => {
    expect(await typed(zsh, prepare, keys, shows)).toEqual(words);
  });
});

describe("fish", () => {
  const offers = async (line: string) => {
    const script = "adsapp completion fish | source; complete -C $argv[1]";
    const { stdout } = await promisify(execFile)("fish", ["--no-config", "-c", script, line], {
      env: shop.env,
    });
    return stdout.split("\n").filter((text) => text !== "");
  };

  it("offers verbs with what they are about, flags, choices and names", async () => {
    expect(await offers("adsapp campaign sh")).toEqual(["show\tone with its numbers"]);
    expect(await offers("adsapp campaign list --format=js")).toEqual(["--format=json"]);
    expect((await offers("adsapp campaign show Bl")).sort()).toEqual([
      "Black Friday Nacht",
      "Black Friday Sale",
    ]);
    expect(await offers('adsapp campaign show "Black Friday S')).toEqual(["Black Friday Sale"]);
    expect(await offers("adsapp tick --only ")).toContain("wake");
  });
});
