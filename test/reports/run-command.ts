import { Writable } from "node:stream";
import { Command } from "commander";
import type { CommandSpec } from "../../src/cli/command.ts";
import { createContext } from "../../src/cli/context.ts";
import { createOutput, type Format } from "../../src/cli/output/index.ts";
import { stopSignals } from "../../src/cli/signals.ts";
import { UserError } from "../../src/errors.ts";

export interface CommandRun {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** With `columns`, on a terminal of that width. Runs one command's declaration and work in this process, on a real database. A UserError gives its exit code. */
export async function runCommand(
  spec: CommandSpec<never[], never>,
  argv: readonly string[],
  given: {
    databaseUrl: string;
    organization?: string;
    user?: string;
    format?: Format;
    now?: Date;
    yes?: boolean;
    home?: string;
    columns?: number;
    env?: NodeJS.ProcessEnv;
  },
): Promise<CommandRun> {
  const written = { stdout: "", stderr: "" };
  const stream = (name: keyof typeof written) =>
    new Writable({
      write(chunk, _encoding, done) {
        written[name] += String(chunk);
        done();
      },
    });
  const out = createOutput({
    stdout: Object.assign(
      stream("stdout"),
      given.columns === undefined ? {} : { isTTY: true, columns: given.columns },
    ),
    stderr: stream("stderr"),
    format: given.format ?? "table",
    color: false,
    timeZone: "UTC",
    quiet: false,
    verbose: false,
  });
  const stops = stopSignals();
  const context = createContext({
    env: { DATABASE_URL: given.databaseUrl, ADSAPP_HOME: given.home ?? "/nonexistent", ...given.env },
    out,
    yes: given.yes ?? false,
    now: given.now,
    organization: given.organization,
    user: given.user,
    stops,
  });
  const work = spec as unknown as CommandSpec<unknown[], object>;
  const command = new Command("test").exitOverride().configureOutput({ writeErr: () => {} });
  work.declare?.(command);
  let exitCode = 0;
  command.action(async () => {
    exitCode = (await work.run(context, command.opts(), ...command.processedArgs)) ?? 0;
  });
  try {
    await command.parseAsync([...argv], { from: "user" });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    out.fail(error.message, error.hint);
    exitCode = error.exitCode;
  } finally {
    await context.close();
    stops.release();
  }
  return { ...written, exitCode };
}
