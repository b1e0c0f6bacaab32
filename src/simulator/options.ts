import { UserError } from "../errors.ts";
import type { TemplateDefinition } from "../templates/definition.ts";
import { DEFAULT_DELAYS, DEFAULT_SHARES, type Delays, type Shares } from "./fate.ts";

export interface SimulatorOptions {
  /** on 127.0.0.1; 0 (default) takes any free one */
  port?: number;
  /** same seed and same requests: same outcomes (default 1) */
  seed?: number | string;
  /** what becomes of accepted messages (default: 0.02 fail, 0.97 of the rest are delivered, 0.7 of those read) */
  shares?: Partial<Shares>;
  /** seconds from each step to the next, on the simulator's clock (default 1, 4, 600, and 60 to a reply); each spread by seed */
  delays?: Partial<Delays>;
  /** before each answer (default 0) */
  latencyMs?: number;
  /** the only access token that it takes; others get 401 and code 190 (default: any) */
  token?: string | undefined;
  /** the only phone number ids that exist; others get code 100, subcode 33 (default: any) */
  phoneNumberIds?: readonly string[] | undefined;
  /** messages a second that a phone number takes before it answers 130429 (default: no limit) */
  throughputPerSecond?: number | undefined;
  /** holds one message in six seconds to the same person, 45 at once, or 131056 (default: no limit) */
  pairLimit?: boolean;
  /** people whom its numbers together may message in 24 hours outside a service window, or 131048 (default: no limit) */
  portfolioLimit?: number | undefined;
  /** what is no template and goes to somebody who has not written in 24 hours fails later with 131047 */
  serviceWindow?: boolean;
  /** the account's templates; when there are any, a send is held against them (default: none, every template is taken) */
  templates?: readonly TemplateDefinition[];
  /** most templates in a page of the list, 1 to 25 (default 25) */
  pageSize?: number;
  /** the simulator's clock (default: the real one) */
  now?: () => Date;
  /** signs what goes to a webhook URL */
  appSecret?: string;
  /** where status bodies go: posted and signed, or appended to a file, one body a line (default: nowhere) */
  webhook?: { url: string } | { file: string } | undefined;
  /** the simulator's own ledger, appended as NDJSON: a line for each message accepted and each status told */
  logFile?: string | undefined;
  /** tells statuses right after acceptance instead of at their time; their timestamps carry the delays all the same */
  immediate?: boolean;
  /** heeds the magic numbers of faults.ts */
  faults?: boolean;
  /** further magic numbers: last four digits of the recipient to the code with which the message fails later */
  failures?: Readonly<Record<string, number>>;
  /** how long the answer to a slow magic number takes (default 40,000: longer than a sender waits) */
  slowMs?: number;
  /** share of recipients who answer what reached them (default 0), with one of these words */
  replyShare?: number;
  replyWords?: readonly string[];
  /** share of recipients who answer with one of the words for STOP (default 0) */
  stopShare?: number;
  stopWords?: readonly string[];
  /** share of people whose phone number webhooks do not show (default 0) */
  usernames?: number;
  /** the shape of webhooks: up to 23 they carry `conversation` (default 24) */
  webhookVersion?: number;
  /** webhooks carry members, a status word and a field that nobody knows */
  unknownFields?: boolean;
  /** a refusal for throughput is also told by a webhook with `value.errors` and no message */
  accountErrors?: boolean;
  /** every webhook of a message arrives before its POST is answered; implies `immediate` */
  early?: boolean;
  /** seconds by which every webhook comes late (default 0) */
  lateSeconds?: number;
  /** share of statuses that never come (default 0) */
  dropStatuses?: number;
  /** share of `delivered` that never comes, though `read` may (default 0) */
  dropDelivered?: number;
  /** share of statuses that come twice (default 0) */
  duplicateStatuses?: number;
  /** statuses come late and in any order, never before their time */
  shuffle?: boolean;
  /** most statuses in one body, 1 to 1,000 as at Meta (default 100) */
  batch?: number;
  /** `entry[].id` of webhooks: the WhatsApp Business Account */
  wabaId?: string;
  /** wait before the first repeat of a webhook that was not answered with 200; doubles each time (default 100) */
  retryDelayMs?: number;
  /** how long `close` goes on telling statuses to a receiver that does not take them (default 10,000) */
  drainMs?: number;
}

type WithoutDefault =
  | "token"
  | "phoneNumberIds"
  | "throughputPerSecond"
  | "portfolioLimit"
  | "webhook"
  | "logFile";

/** The options with every default filled in. */
export interface Settings
  extends Required<Omit<SimulatorOptions, "shares" | "delays" | WithoutDefault>>,
    Pick<SimulatorOptions, WithoutDefault> {
  seed: string;
  shares: Shares;
  delays: Delays;
}

/** @throws UserError that names every option with a value that makes no sense */
export function settingsOf(options: SimulatorOptions): Settings {
  const settings: Settings = {
    port: options.port ?? 0,
    seed: String(options.seed ?? 1),
    shares: { ...DEFAULT_SHARES, ...options.shares },
    delays: { ...DEFAULT_DELAYS, ...options.delays },
    latencyMs: options.latencyMs ?? 0,
    token: options.token,
    phoneNumberIds: options.phoneNumberIds,
    throughputPerSecond: options.throughputPerSecond,
    pairLimit: options.pairLimit ?? false,
    portfolioLimit: options.portfolioLimit,
    serviceWindow: options.serviceWindow ?? false,
    templates: options.templates ?? [],
    pageSize: options.pageSize ?? 25,
    now: options.now ?? (() => new Date()),
    appSecret: options.appSecret ?? "simulator-app-secret",
    webhook: options.webhook,
    logFile: options.logFile,
    immediate: options.immediate === true || options.early === true,
    faults: options.faults ?? false,
    failures: options.failures ?? {},
    slowMs: options.slowMs ?? 40_000,
    replyShare: options.replyShare ?? 0,
    replyWords: options.replyWords ?? ["Bedankt!", "Hoe laat zijn jullie open?", "👍"],
    stopShare: options.stopShare ?? 0,
    stopWords: options.stopWords ?? ["STOP", "afmelden"],
    usernames: options.usernames ?? 0,
    webhookVersion: options.webhookVersion ?? 24,
    unknownFields: options.unknownFields ?? false,
    accountErrors: options.accountErrors ?? false,
    early: options.early ?? false,
    lateSeconds: options.lateSeconds ?? 0,
    dropStatuses: options.dropStatuses ?? 0,
    dropDelivered: options.dropDelivered ?? 0,
    duplicateStatuses: options.duplicateStatuses ?? 0,
    shuffle: options.shuffle ?? false,
    batch: options.batch ?? 100,
    wabaId: options.wabaId ?? "102290129340398",
    retryDelayMs: options.retryDelayMs ?? 100,
    drainMs: options.drainMs ?? 10_000,
  };
  const faults = faultsOf(settings);
  if (faults.length > 0) throw new UserError(`the simulator cannot start: ${faults.join("; ")}`);
  return settings;
}

function faultsOf(settings: Settings): string[] {
  const { shares, delays, dropStatuses, dropDelivered, duplicateStatuses, replyShare, stopShare } = settings;
  const { usernames, latencyMs, retryDelayMs, drainMs, slowMs, lateSeconds, replyWords, stopWords } =
    settings;
  const isShare = (value: number) => value >= 0 && value <= 1;
  const isDuration = (value: number) => value >= 0 && Number.isFinite(value);
  const isWhole = (least: number, most: number) => (n: number) =>
    Number.isInteger(n) && n >= least && n <= most;
  const wrong = (values: object, isRight: (value: number) => boolean, what: string) =>
    Object.entries(values).flatMap(([name, value]) =>
      isRight(value) ? [] : [`${name} ${value} is not ${what}`],
    );
  const parts = { dropStatuses, dropDelivered, duplicateStatuses, replyShare, stopShare, usernames };
  return [
    ...wrong({ ...shares, ...parts }, isShare, "a share from 0 to 1"),
    ...wrong({ ...delays, lateSeconds }, isDuration, "a delay in seconds"),
    ...wrong({ latencyMs, retryDelayMs, drainMs, slowMs }, isDuration, "a time in milliseconds"),
    ...wrong({ port: settings.port }, isWhole(0, 65_535), "a port"),
    ...wrong({ batch: settings.batch }, isWhole(1, 1000), "from 1 to 1000"),
    ...wrong({ pageSize: settings.pageSize }, isWhole(1, 25), "from 1 to 25"),
    ...wrong({ webhookVersion: settings.webhookVersion }, isWhole(20, 30), "a version of the webhooks"),
    ...wrong({ throughputPerSecond: settings.throughputPerSecond ?? 1 }, (n) => n >= 1, "1 or more"),
    ...wrong({ portfolioLimit: settings.portfolioLimit ?? 1 }, (n) => n >= 1, "1 or more"),
    ...wrong(settings.failures, isWhole(1, 9_999_999), "an error code"),
    ...Object.keys(settings.failures).flatMap((digits) =>
      /^\d{4}$/.test(digits) ? [] : [`"${digits}" is not the last four digits of a number`],
    ),
    ...[...replyWords, ...stopWords].flatMap((word) => (word.trim() === "" ? ["a reply is empty"] : [])),
    ...webhookFault(settings.webhook),
  ];
}

function webhookFault(webhook: Settings["webhook"]): string[] {
  if (webhook === undefined || "file" in webhook) return [];
  const isHttp = URL.canParse(webhook.url) && /^https?:$/.test(new URL(webhook.url).protocol);
  return isHttp ? [] : [`webhook URL "${webhook.url}" is not an http or https URL`];
}
