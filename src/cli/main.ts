import type { Command, CommanderError } from "commander";
import { ExitCode, UserError } from "../errors.ts";
import type { CommandSpec } from "./command.ts";
import { COMPLETE, commands, loadComplete } from "./commands.ts";
import { type Context, createContext, parseInstant } from "./context.ts";
import { createOutput, type Format, guardPipe, maskSecrets, type Output, useColor } from "./output/index.ts";
import type { GlobalOptions, Run } from "./program.ts";
import { type Stops, stopSignals } from "./signals.ts";

/**
 * The whole program. The only catch: a UserError becomes one message and its exit code, anything else is a bug of
 * ours and shows its stack with --verbose.
 * @param argv the words after `adsapp`
 * @returns the exit code (design: the command line)
 */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<number> {
  if (argv[0] === COMPLETE) return completed(argv.slice(1), env);
  const stops = stopSignals();
  let out = plainOutput(env, argv);
  let context: Context | undefined;
  let exitCode: number = ExitCode.Done;
  const run = async (spec: CommandSpec<unknown[], object>, command: Command) => {
    const options = command.optsWithGlobals<GlobalOptions & object>();
    out = outputOf(options, env);
    if (out.format === "html" && spec.html !== true)
      throw new UserError("--format html is for reports", { hint: "See: adsapp report --help" });
    context = contextOf(options, env, out, stops);
    const writes = typeof spec.writes === "function" ? spec.writes(options) : spec.writes === true;
    if (writes && context.now !== undefined) await refuseRehearsal(spec, context);
    exitCode = (await spec.run(context, options, ...command.processedArgs)) ?? ExitCode.Done;
  };
  try {
    const bare = argv.length === 1 ? commands.find((entry) => entry.path === argv[0])?.bare : undefined;
    if (bare === undefined) await parsed(argv, run);
    else {
      context = contextOf({ format: "table" }, env, out, stops);
      exitCode = await (await bare())(context);
    }
  } catch (error) {
    exitCode = report(error, out, argv);
  } finally {
    await context?.close().catch(() => {});
    stops.release();
  }
  return exitCode;
}

/** Silent and done whatever happens: the person has not pressed Enter. */
async function completed(words: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const complete = await loadComplete();
  const lines = await complete(words, env).catch(() => "");
  guardPipe(process.stdout).write(lines);
  return ExitCode.Done;
}

async function parsed(argv: readonly string[], run: Run): Promise<void> {
  const { buildProgram, pathOf, spelledOut, withOwnMeanings } = await import("./program.ts");
  const line = spelledOut(argv, commands);
  const asked = pathOf(line, commands);
  const program = await buildProgram(commands, asked, run);
  try {
    await program.parseAsync(withOwnMeanings(line, asked), { from: "user" });
  } catch (error) {
    if (!isCommanders(error) || error.exitCode === 0) throw error; // help and version were asked for, and are printed
    const { usageError } = await import("./usage-error.ts");
    throw usageError(error, asked?.path);
  }
}

/** Says what went wrong, once, on stderr. */
function report(error: unknown, out: Output, argv: readonly string[]): number {
  if (isCommanders(error)) return ExitCode.Done;
  const verbose = argv.includes("--verbose");
  if (error instanceof UserError) {
    out.fail(maskSecrets(error.message), error.hint === undefined ? undefined : maskSecrets(error.hint));
    if (verbose && error.cause instanceof Error)
      out.detail(maskSecrets(error.cause.stack ?? error.cause.message));
    return error.exitCode;
  }
  const bug = error instanceof Error ? error : new Error(String(error));
  const denied = (bug as { code?: string }).code === "42501";
  if (denied) {
    out.fail(
      "you may not do that",
      "Viewers only read; ask an admin of the organization. --as EMAIL acts as another profile.",
    );
  } else {
    out.fail(
      `this is a bug in adsapp: ${maskSecrets(bug.message.split("\n")[0] ?? "").slice(0, 300)}`,
      "Run it again with --verbose and report what it prints.",
    );
  }
  if (verbose) out.detail(maskSecrets((bug.stack ?? bug.message).slice(0, 5000)));
  return denied ? ExitCode.Forbidden : ExitCode.Failed;
}

function isCommanders(error: unknown): error is CommanderError {
  return /^commander\./.test((error as { code?: string } | undefined)?.code ?? "");
}

function outputOf(options: GlobalOptions, env: NodeJS.ProcessEnv): Output {
  return createOutput({
    // made when first used: a tick that has nothing to say needs no streams
    get stdout() {
      return guardPipe(process.stdout);
    },
    get stderr() {
      return process.stderr;
    },
    format: options.json === true ? "json" : options.format,
    get color() {
      return useColor(env, process.stdout, options.color === false);
    },
    timeZone: env.TZ ?? "", // asking for the machine's own takes 30 ms, and a tick shows no time
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    logFormat: options.logFormat,
  });
}

/** For what goes wrong before the flags are understood. */
function plainOutput(env: NodeJS.ProcessEnv, argv: readonly string[]): Output {
  const format: Format = "table";
  const line = argv.join(" ");
  const logFormat = /(^| )--log-format[ =]json( |$)/.test(line) ? ("json" as const) : ("text" as const);
  return outputOf(
    { format, logFormat, verbose: argv.includes("--verbose"), color: !argv.includes("--no-color") },
    env,
  );
}

function contextOf(options: GlobalOptions, env: NodeJS.ProcessEnv, out: Output, stops: Stops): Context {
  return createContext({
    env,
    out,
    yes: options.yes === true,
    now: options.now === undefined ? undefined : parseInstant(options.now, "--now"),
    organization: options.org,
    user: options.as,
    stops,
  });
}

/** Every organization's senders count where a command works for all of them. */
async function refuseRehearsal(spec: CommandSpec<unknown[], object>, context: Context): Promise<void> {
  if (spec.scope === "none") return;
  const isForAll = spec.scope === "all" && !context.organizationGiven;
  const organization = isForAll ? undefined : (await context.organization()).id;
  const { refuseRealSenders } = await import("./rehearsal.ts");
  await context.worker((tx) => refuseRealSenders(tx, organization, "--now"));
}
