import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { packageRoot } from "../root.ts";

const PROGRAM = join(packageRoot(), "bin", "adsapp.js");

export interface SessionOptions {
  /** the quickstart's own state folder, with its own database */
  home: string;
  env: NodeJS.ProcessEnv;
  /** prints a line of the story */
  print: (line: string) => void;
}

/** Runs adsapp's own commands as a person would, each a process of its own, and prints each before it runs. */
export class Session {
  readonly #env: NodeJS.ProcessEnv;
  readonly #print: (line: string) => void;
  readonly #background: ChildProcess[] = [];

  constructor(options: SessionOptions) {
    const { DATABASE_URL: _mine, ADSAPP_ORG: _org, ADSAPP_USER: _user, ...env } = options.env;
    this.#env = { ...env, ADSAPP_HOME: options.home, WHATSAPP_TOKEN: "demo-token" };
    this.#print = options.print;
  }

  /**
   * @param accept exit codes that are fine besides 0
   * @returns what it wrote to stdout
   * @throws UserError when the command ends otherwise
   */
  async run(args: readonly string[], accept: readonly number[] = []): Promise<string> {
    this.#print(`\n$ adsapp ${args.map(quoted).join(" ")}`);
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: this.#env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    const code = await ended(child);
    const output = Buffer.concat(chunks).toString();
    if (output.trim() !== "") this.#print(output.trimEnd());
    if (code !== 0 && !accept.includes(code))
      throw new UserError(`the quickstart stopped: adsapp ${args.join(" ")} ended with ${code}`, {
        exitCode: 1,
      });
    return output;
  }

  /** The same without telling about it: for what the story itself needs to know. */
  async ask(args: readonly string[]): Promise<string> {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: this.#env,
      stdio: ["ignore", "pipe", "ignore"],
    });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    await ended(child);
    return Buffer.concat(chunks).toString();
  }

  /** Starts a command that runs until `close`; resolves with its first line on stdout. */
  async start(args: readonly string[]): Promise<string> {
    this.#print(`\n$ adsapp ${args.map(quoted).join(" ")} &`);
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: this.#env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#background.push(child);
    return new Promise((resolve, reject) => {
      let text = "";
      child.stdout.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes("\n")) resolve(text.split("\n")[0] as string);
      });
      child.once("exit", (code) =>
        reject(new UserError(`adsapp ${args[0]} ended with ${code}`, { exitCode: 1 })),
      );
    });
  }

  /** Ends what `start` began, and waits for it. */
  async close(): Promise<void> {
    for (const child of this.#background.splice(0)) {
      if (child.exitCode !== null) continue;
      child.removeAllListeners("exit");
      child.kill("SIGTERM");
      await ended(child);
    }
  }
}

function ended(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `"${word}"`;
}
