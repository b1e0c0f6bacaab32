import { type Command, InvalidArgumentError, Option } from "commander";
import { readDefinition } from "../definitions/read.ts";
import { templateSchema } from "../templates/definition.ts";
import type { Delays, Shares } from "./fate.ts";
import type { SimulatorOptions } from "./options.ts";

export interface Flags {
  port: number;
  seed: string;
  delivered?: number;
  read?: number;
  failed?: number;
  delays?: Delays;
  latency: number;
  token?: string;
  phoneNumberId?: string[];
  wabaId?: string;
  throughput?: number;
  pairLimit?: boolean;
  portfolioLimit?: number;
  serviceWindow?: boolean;
  template?: string[];
  pageSize?: number;
  webhookUrl?: string;
  webhookFile?: string;
  log?: string;
  immediate?: boolean;
  early?: boolean;
  late?: number;
  batch?: number;
  drop?: number;
  dropDelivered?: number;
  duplicate?: number;
  shuffle?: boolean;
  webhookVersion?: number;
  unknownFields?: boolean;
  accountErrors?: boolean;
  usernames?: number;
  reply?: number;
  replyWords?: string[];
  stop?: number;
  stopWords?: string[];
  faults?: boolean;
  fail?: Record<string, number>;
  slow?: number;
}

/** The page docs/reference/simulator.md has a line for each; a test looks. */
export function declareFlags(command: Command): void {
  command
    .option("--port <n>", "on 127.0.0.1; 0 takes any", whole, 4010)
    .option("--seed <seed>", "decides the outcomes", "1")
    .option("--delivered <share>", "of what does not fail (0.97)", share)
    .option("--read <share>", "of what is delivered (0.7)", share)
    .option("--failed <share>", "fails after it was accepted (0.02)", share)
    .option("--delays <seconds>", "to sent, delivered, read and a reply (1,4,600,60)", delays)
    .option("--latency <ms>", "before each answer", whole, 0)
    .option("--token <token>", "the only access token that it takes (any): no secret, it opens nothing")
    .option("--phone-number-id <id...>", "the only numbers that exist (any)")
    .option("--waba-id <id>", "the account of its templates and webhooks (102290129340398)")
    .option("--throughput <n>", "messages a second before a number is throttled", whole)
    .option("--pair-limit", "one message in 6 seconds to the same person, 45 at once")
    .option("--portfolio-limit <n>", "people in 24 hours outside a service window", whole)
    .option("--service-window", "a text to somebody who has not written in 24 hours fails")
    .option("--template <file...>", "the account's templates (YAML); sends are held against them")
    .option("--page-size <n>", "templates in a page, 1 to 25 (25)", whole)
    .addOption(
      new Option(
        "--webhook-url <url>",
        "post webhooks there, signed with ADSAPP_WEBHOOK_APP_SECRET",
      ).conflicts("webhookFile"),
    )
    .option("--webhook-file <file>", "append webhooks there, one body a line")
    .option("--log <file>", "its own ledger as NDJSON: what it accepted and what it told")
    .option("--immediate", "tell everything at once; timestamps carry the delays")
    .option("--early", "tell everything about a message before its POST is answered")
    .option("--late <seconds>", "every webhook comes so much late", whole)
    .option("--batch <n>", "most updates in a webhook, 1 to 1000 (100)", whole)
    .option("--drop <share>", "of statuses get lost", share)
    .option("--drop-delivered <share>", "of delivered alone get lost", share)
    .option("--duplicate <share>", "of statuses come twice", share)
    .option("--shuffle", "webhooks come in any order")
    .option("--webhook-version <n>", "their shape: up to 23 with conversation (24)", whole)
    .option("--unknown-fields", "members, a status and a field that nobody knows")
    .option("--account-errors", "throttling is also told as an error without a message")
    .option("--usernames <share>", "of people whose phone webhooks do not show", share)
    .option("--reply <share>", "of those whom it reached answer", share)
    .option("--reply-words <words>", "what they answer, separated by |", words)
    .option("--stop <share>", "of those whom it reached want no more", share)
    .option("--stop-words <words>", "how they say so, separated by | (STOP|afmelden)", words)
    .option("--faults", "numbers that end in 0429, 0500, 0502, 0999 … go wrong (docs/reference/simulator.md)")
    .option("--fail <digits=code>", "numbers with this end fail later with this code; repeatable", failure)
    .option("--slow <ms>", "how long 0408 waits for its answer (40000)", whole);
}

/** @throws UserError for a template file that is at fault */
export async function optionsOf(flags: Flags): Promise<SimulatorOptions> {
  const templates = await Promise.all(
    (flags.template ?? []).map((file) => readDefinition(file, templateSchema)),
  );
  return given<SimulatorOptions>({
    port: flags.port,
    seed: flags.seed,
    shares: given<Partial<Shares>>({ delivered: flags.delivered, read: flags.read, failed: flags.failed }),
    delays: flags.delays,
    latencyMs: flags.latency,
    token: flags.token,
    phoneNumberIds: flags.phoneNumberId,
    wabaId: flags.wabaId,
    throughputPerSecond: flags.throughput,
    pairLimit: flags.pairLimit,
    portfolioLimit: flags.portfolioLimit,
    serviceWindow: flags.serviceWindow,
    templates,
    pageSize: flags.pageSize,
    webhook: webhookOf(flags),
    logFile: flags.log,
    immediate: flags.immediate,
    early: flags.early,
    lateSeconds: flags.late,
    batch: flags.batch,
    dropStatuses: flags.drop,
    dropDelivered: flags.dropDelivered,
    duplicateStatuses: flags.duplicate,
    shuffle: flags.shuffle,
    webhookVersion: flags.webhookVersion,
    unknownFields: flags.unknownFields,
    accountErrors: flags.accountErrors,
    usernames: flags.usernames,
    replyShare: flags.reply,
    replyWords: flags.replyWords,
    stopShare: flags.stop,
    stopWords: flags.stopWords,
    faults: flags.faults,
    failures: flags.fail,
    slowMs: flags.slow,
  });
}

function webhookOf({ webhookUrl: url, webhookFile: file }: Flags): SimulatorOptions["webhook"] {
  if (url !== undefined) return { url };
  return file === undefined ? undefined : { file };
}

/** Without what is undefined: an option that is left out has its default. */
function given<Options extends object>(
  options: { [Key in keyof Options]: Options[Key] | undefined },
): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

function share(text: string): number {
  const value = Number(text);
  if (text === "" || !(value >= 0 && value <= 1)) throw new InvalidArgumentError("It must be from 0 to 1.");
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("It must be a whole number.");
  return value;
}

function delays(text: string): Delays {
  const [sent = 0, delivered = 0, read = 0, reply = 60, ...more] = text.split(",").map(Number);
  if (!/^\d+(\.\d+)?(,\d+(\.\d+)?){2,3}$/.test(text) || more.length > 0)
    throw new InvalidArgumentError("Write three or four numbers of seconds, such as 1,4,600,60.");
  return { sent, delivered, read, reply };
}

function words(text: string): string[] {
  return text.split("|").map((word) => word.trim());
}

function failure(text: string, others: Record<string, number> = {}): Record<string, number> {
  const [, digits, code] = /^(\d{4})=(\d{1,7})$/.exec(text) ?? [];
  if (digits === undefined)
    throw new InvalidArgumentError("Write the last four digits and a code, such as 4711=131047.");
  return { ...others, [digits]: Number(code) };
}
