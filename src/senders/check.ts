import { isAbsolute } from "node:path";
import { META_API_URL } from "../config.ts";
import { UserError } from "../errors.ts";
import type { NewSender } from "./senders.ts";
import { isLoopback } from "./token-host.ts";

/** Messages a second that Meta allows every number, and one that it has upgraded (reference §4). */
export const DEFAULT_THROUGHPUT = 80;
export const UPGRADED_THROUGHPUT = 1_000;

const API_VERSION = new URL(META_API_URL).pathname;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What Meta's access tokens begin with: a name of a variable by its signs, but no name of one. */
const TOKEN = /^EAA[A-Za-z0-9]{20,}$/;
/** An app secret that happens to begin with a letter. */
const SECRET = /^[0-9a-f]{32}$/;

/** @throws UserError with every fault of a sender's flags at once */
export function checkSender(wanted: NewSender): void {
  const faults: string[] = [];
  if (wanted.name.trim() === "") faults.push("the name is empty");
  faults.push(...throughputFaults(wanted.throughput));
  if (wanted.portfolio.trim() === "") faults.push("--portfolio is empty");
  const isCloud = wanted.provider === "whatsapp-cloud";
  if (isCloud ? !isDigits(wanted.phoneNumberId) : isGivenWrong(wanted.phoneNumberId))
    faults.push("--phone-number-id is the id of the number at Meta: digits (not the phone number itself)");
  if (isGivenWrong(wanted.wabaId))
    faults.push("--waba-id is the id of the WhatsApp Business Account: digits");
  faults.push(...secretFaults(wanted, isCloud));
  if (faults.length > 0) throw new UserError(faults.join("\n"), { hint: "adsapp sender add --help" });
}

export function throughputFaults(perSecond: number): string[] {
  return Number.isInteger(perSecond) && perSecond >= 1 && perSecond <= UPGRADED_THROUGHPUT
    ? []
    : [`--throughput is from 1 to ${UPGRADED_THROUGHPUT} messages a second`];
}

function secretFaults({ tokenEnv, tokenFile, appSecretEnv }: NewSender, isCloud: boolean): string[] {
  const faults: string[] = [];
  if (isCloud && (tokenEnv === undefined) === (tokenFile === undefined))
    faults.push("give one of --token-env NAME and --token-file PATH");
  if (tokenEnv !== undefined && !isVariable(tokenEnv)) {
    faults.push(
      "--token-env takes the name of an environment variable, such as WHATSAPP_TOKEN; never the token itself",
    );
  }
  if (appSecretEnv !== undefined && !isVariable(appSecretEnv))
    faults.push("--app-secret-env takes the name of an environment variable; never the secret itself");
  if (tokenFile !== undefined && !isAbsolute(tokenFile))
    faults.push("--token-file must be an absolute path: cron starts elsewhere");
  return faults;
}

function isVariable(name: string): boolean {
  return VARIABLE.test(name) && !TOKEN.test(name) && !SECRET.test(name);
}

function isDigits(value: string | undefined): boolean {
  return value !== undefined && /^\d{1,32}$/.test(value);
}

function isGivenWrong(value: string | undefined): boolean {
  return value !== undefined && !isDigits(value);
}

/**
 * What a sender keeps as its API URL: origin and version, without a slash at the end. `http://127.0.0.1:4010` becomes
 * `http://127.0.0.1:4010/v25.0`.
 * @throws UserError for plain http off loopback, credentials, or something that is no URL
 */
export function checkedApiUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UserError(`--api-url "${text}" is not a URL`, { hint: `For example ${META_API_URL}` });
  }
  if (url.username !== "" || url.password !== "")
    throw new UserError("--api-url must hold no user or password");
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    throw new UserError(`--api-url "${text}" is not https`, {
      hint: "Plain http is only for a simulator on this machine.",
    });
  }
  const path = url.pathname.replace(/\/+$/, "");
  if (path !== "" && !/^(\/[\w-]+)*\/v\d+\.\d+$/.test(path))
    throw new UserError(`--api-url "${text}" must end in a version, such as ${API_VERSION}`);
  return `${url.origin}${path === "" ? API_VERSION : path}`;
}
