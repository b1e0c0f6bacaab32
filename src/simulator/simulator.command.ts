import { InvalidArgumentError, Option } from "commander";
import { defineCommand } from "../cli/command.ts";
import { ExitCode, UserError } from "../errors.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "./simulator.ts";

interface Options {
  port: number;
  seed: string;
  delivered?: number;
  read?: number;
  failed?: number;
  latency: number;
  token?: string;
  throughput?: number;
  webhookUrl?: string;
  webhookFile?: string;
  log?: string;
  immediate?: boolean;
  faults?: boolean;
  drop?: number;
  duplicate?: number;
  shuffle?: boolean;
}

export default defineCommand<[], Options>({
  description:
    "A local Cloud API: takes messages over HTTP as Meta does and tells by signed webhooks what became of them (sent, delivered, read,\nfailed), to a URL or a file. The same seed and the same contacts give the same outcomes. Prints its URL and runs until SIGTERM.",
  examples: [
    "adsapp simulator --port 4010 --webhook-file bodies.ndjson --immediate",
    "adsapp simulator --port 4010 --webhook-url http://127.0.0.1:8080/webhook --failed 0.05 --seed 7",
  ],
  scope: "none",
  declare(command) {
    command
      .option("--port <n>", "on 127.0.0.1; 0 takes any", whole, 4010)
      .option("--seed <seed>", "decides the outcomes", "1")
      .option("--delivered <share>", "of what does not fail (0.97)", share)
      .option("--read <share>", "of what is delivered (0.7)", share)
      .option("--failed <share>", "fails after it was accepted (0.02)", share)
      .option("--latency <ms>", "before each answer", whole, 0)
      .option("--token <token>", "the only access token that it takes (any): no secret, it opens nothing")
      .option("--throughput <n>", "messages a second before a number is throttled", whole)
      .addOption(
        new Option(
          "--webhook-url <url>",
          "post statuses there, signed with ADSAPP_WEBHOOK_APP_SECRET",
        ).conflicts("webhookFile"),
      )
      .option("--webhook-file <file>", "append statuses there, one body a line")
      .option("--log <file>", "its own ledger as NDJSON: what it accepted and what it told")
      .option("--immediate", "tell statuses at once; their timestamps carry the delays")
      .option(
        "--faults",
        "numbers that end in 0429, 0500, 0502, 0999 … go wrong (docs/reference/simulator.md)",
      )
      .option("--drop <share>", "of statuses get lost", share)
      .option("--duplicate <share>", "of statuses come twice", share)
      .option("--shuffle", "statuses come in any order");
  },
  async run(context, options) {
    const { delivered, read, failed } = options;
    const shares = Object.fromEntries(
      Object.entries({ delivered, read, failed }).filter(([, value]) => value !== undefined),
    );
    const simulator = await startSimulator({
      port: options.port,
      seed: options.seed,
      shares,
      latencyMs: options.latency,
      token: options.token,
      throughputPerSecond: options.throughput,
      webhook: webhookOf(options),
      logFile: options.log,
      immediate: options.immediate === true,
      faults: options.faults === true,
      dropStatuses: options.drop ?? 0,
      duplicateStatuses: options.duplicate ?? 0,
      shuffle: options.shuffle === true,
      ...(context.config.webhookAppSecret === undefined
        ? {}
        : { appSecret: context.config.webhookAppSecret }),
      ...(context.now === undefined ? {} : { now: clockFrom(context.now) }),
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") throw error;
      throw new UserError(`port ${options.port} is taken`, {
        hint: "Choose another --port; 0 takes any.",
        exitCode: ExitCode.Failed,
      });
    });
    context.out.print(simulator.url);
    await until(context.stopping);
    await close(simulator, (text) => context.out.say(text));
  },
});

async function close(simulator: Simulator, say: (text: string) => void): Promise<void> {
  await simulator.close();
  const { accepted, refused, statuses, undelivered } = simulator.counts();
  say(
    `simulator: accepted ${accepted}, refused ${refused}; told sent ${statuses.sent}, delivered ${statuses.delivered}, read ${statuses.read}, failed ${statuses.failed}${undelivered > 0 ? `; ${undelivered} statuses found no receiver` : ""}`,
  );
}

function webhookOf({ webhookUrl: url, webhookFile: file }: Options): SimulatorOptions["webhook"] {
  if (url !== undefined) return { url };
  return file === undefined ? undefined : { file };
}

/** `--now`: starts there and runs on, like everyone's clock in a rehearsal. */
function clockFrom(start: Date): () => Date {
  const began = performance.now();
  return () => new Date(start.getTime() + performance.now() - began);
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve()),
  );
}

function share(text: string): number {
  const value = Number(text);
  if (text === "" || !(value >= 0 && value <= 1)) throw new InvalidArgumentError("It must be from 0 to 1.");
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("It must be a whole number.");
  return value;
}
