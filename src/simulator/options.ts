import { UserError } from "../errors.ts";
import { DEFAULT_DELAYS, DEFAULT_SHARES, type Delays, type Shares } from "./fate.ts";

export interface SimulatorOptions {
  /** on 127.0.0.1; 0 (default) takes any free one */
  port?: number;
  /** same seed and same requests: same outcomes (default 1) */
  seed?: number | string;
  /** what becomes of accepted messages (default: 0.02 fail, 0.97 of the rest are delivered, 0.7 of those read) */
  shares?: Partial<Shares>;
  /** seconds from each step to the next, on the simulator's clock (default 1, 4, 600); each spread by seed */
  delays?: Partial<Delays>;
  /** before each answer (default 0) */
  latencyMs?: number;
  /** the only access token that it takes; others get 401 and code 190 (default: any) */
  token?: string | undefined;
  /** the only phone number ids that exist; others get code 100, subcode 33 (default: any) */
  phoneNumberIds?: readonly string[] | undefined;
  /** messages a second that a phone number takes before it answers 130429 (default: no limit) */
  throughputPerSecond?: number | undefined;
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
  /** share of statuses that never come (default 0) */
  dropStatuses?: number;
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

type WithoutDefault = "token" | "phoneNumberIds" | "throughputPerSecond" | "webhook" | "logFile";

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
    now: options.now ?? (() => new Date()),
    appSecret: options.appSecret ?? "simulator-app-secret",
    webhook: options.webhook,
    logFile: options.logFile,
    immediate: options.immediate ?? false,
    faults: options.faults ?? false,
    dropStatuses: options.dropStatuses ?? 0,
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
  const { shares, delays, dropStatuses, duplicateStatuses, latencyMs, retryDelayMs, drainMs } = settings;
  const isShare = (value: number) => value >= 0 && value <= 1;
  const isDuration = (value: number) => value >= 0 && Number.isFinite(value);
  const wrong = (values: object, isRight: (value: number) => boolean, what: string) =>
    Object.entries(values).flatMap(([name, value]) =>
      isRight(value) ? [] : [`${name} ${value} is not ${what}`],
    );
  return [
    ...wrong({ ...shares, dropStatuses, duplicateStatuses }, isShare, "a share from 0 to 1"),
    ...wrong(delays, isDuration, "a delay in seconds"),
    ...wrong({ latencyMs, retryDelayMs, drainMs }, isDuration, "a time in milliseconds"),
    ...wrong({ port: settings.port }, (n) => Number.isInteger(n) && n >= 0 && n <= 65_535, "a port"),
    ...wrong({ batch: settings.batch }, (n) => Number.isInteger(n) && n >= 1 && n <= 1000, "from 1 to 1000"),
    ...wrong({ throughputPerSecond: settings.throughputPerSecond ?? 1 }, (n) => n >= 1, "1 or more"),
    ...webhookFault(settings.webhook),
  ];
}

function webhookFault(webhook: Settings["webhook"]): string[] {
  if (webhook === undefined || "file" in webhook) return [];
  const isHttp = URL.canParse(webhook.url) && /^https?:$/.test(new URL(webhook.url).protocol);
  return isHttp ? [] : [`webhook URL "${webhook.url}" is not an http or https URL`];
}
