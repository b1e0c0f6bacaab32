import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { nearest } from "./cli/near.ts";
import { UserError } from "./errors.ts";

/** What the environment and `$ADSAPP_HOME/config.json` say (design: formats, configuration). */
export interface Config {
  /** state and configuration folder */
  home: string;
  /** PostgreSQL; undefined: the embedded one */
  databaseUrl: string | undefined;
  workerDatabaseUrl: string | undefined;
  operatorDatabaseUrl: string | undefined;
  /** slug of the organization to work in */
  organization: string | undefined;
  /** e-mail of the acting profile */
  user: string | undefined;
  /** what `sender add` takes for `--api-url` */
  whatsappApiUrl: string;
  webhookAppSecret: string | undefined;
  webhookVerifyToken: string | undefined;
  /** how long a lane is held without renewal */
  laneLeaseSeconds: number;
  /** POSTs that a tick has open at once; undefined: 500 */
  concurrency: number | undefined;
}

/** What may stand in `$ADSAPP_HOME/config.json`; `adsapp org use` writes the organization there. */
export interface ConfigFile {
  organization?: string;
  user?: string;
  databaseUrl?: string;
}

const CONFIG_KEYS: readonly (keyof ConfigFile)[] = ["organization", "user", "databaseUrl"];

export const META_API_URL = "https://graph.facebook.com/v25.0";

const DATABASE_URLS = [
  ["databaseUrl", "DATABASE_URL (or databaseUrl in config.json)"],
  ["workerDatabaseUrl", "ADSAPP_WORKER_DATABASE_URL"],
  ["operatorDatabaseUrl", "ADSAPP_OPERATOR_DATABASE_URL"],
] as const;

/** Why no database is meant by it, as the end of a sentence. */
export function databaseUrlFault(url: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(url)) return "must start with postgresql://";
  return URL.canParse(url.replace("@/", "@host/")) ? undefined : "is not a URL";
}

/**
 * Reads the environment first, then `$ADSAPP_HOME/config.json`, then the defaults.
 * @throws UserError with every fault found, one line each
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const home = homeFolder(env);
  const faults: string[] = [];
  const file = readConfigFile(home, faults);
  const config: Config = {
    home,
    databaseUrl: text(env.DATABASE_URL) ?? file.databaseUrl,
    workerDatabaseUrl: text(env.ADSAPP_WORKER_DATABASE_URL),
    operatorDatabaseUrl: text(env.ADSAPP_OPERATOR_DATABASE_URL),
    organization: text(env.ADSAPP_ORG) ?? file.organization,
    user: text(env.ADSAPP_USER) ?? file.user,
    whatsappApiUrl: text(env.ADSAPP_WHATSAPP_API_URL) ?? META_API_URL,
    webhookAppSecret: secret(env, "ADSAPP_WEBHOOK_APP_SECRET", faults),
    webhookVerifyToken: secret(env, "ADSAPP_WEBHOOK_VERIFY_TOKEN", faults),
    laneLeaseSeconds: seconds(env.ADSAPP_LANE_LEASE, "ADSAPP_LANE_LEASE", 30, faults),
    concurrency: count(env.ADSAPP_CONCURRENCY, "ADSAPP_CONCURRENCY", faults),
  };
  for (const [name, variable] of DATABASE_URLS) {
    const url = config[name];
    if (url === undefined) continue;
    const fault = databaseUrlFault(url);
    if (fault !== undefined) faults.push(`${variable} ${fault}`);
  }
  if (faults.length > 0)
    throw new UserError(faults.join("\n"), { hint: "Mend the environment or config.json and try again." });
  return config;
}

/**
 * The state folder: ADSAPP_HOME, else `adsapp` in the XDG data folder (which counts only when absolute, says its
 * specification), else ~/.local/share/adsapp.
 */
export function homeFolder(env: NodeJS.ProcessEnv): string {
  const xdg = text(env.XDG_DATA_HOME);
  const dataHome =
    xdg !== undefined && isAbsolute(xdg) ? xdg : join(text(env.HOME) ?? homedir(), ".local", "share");
  return resolve(text(env.ADSAPP_HOME) ?? join(dataHome, "adsapp"));
}

export function configFilePath(home: string): string {
  return join(home, "config.json");
}

/**
 * A secret by the name of its variable, or from the file that `<NAME>_FILE` names (mode 0600).
 * @throws UserError when the file is missing or others can read it
 */
export function readSecret(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const direct = text(env[name]);
  const file = text(env[`${name}_FILE`]);
  return direct ?? (file === undefined ? undefined : readSecretFile(file));
}

function secret(env: NodeJS.ProcessEnv, name: string, faults: string[]): string | undefined {
  try {
    return readSecret(env, name);
  } catch (error) {
    faults.push((error as Error).message);
    return undefined;
  }
}

function readConfigFile(home: string, faults: string[]): ConfigFile {
  const path = configFilePath(home);
  if (!existsSync(path)) return {};
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const isRead = error instanceof SyntaxError; // its message quotes the file, and that may hold a password
    faults.push(`${path} ${isRead ? "is not valid JSON" : "cannot be read"}`);
    return {};
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    faults.push(`${path} must hold a JSON object`);
    return {};
  }
  const known = Object.entries(value).filter(([key, given]) => {
    if (key === "$schema") return false; // for editors (adsapp schema config)
    const fault = configFault(key, given);
    if (fault !== undefined) faults.push(`${path}: ${fault}`);
    return fault === undefined;
  });
  const config = Object.fromEntries(known.map(([key, given]) => [key, text(given)])) as ConfigFile;
  if (hasPassword(config.databaseUrl) && isReadByOthers(path))
    faults.push(`${path} holds a password and can be read by others: chmod 600 ${path}`);
  return config;
}

function hasPassword(url: string | undefined): boolean {
  return url !== undefined && (/^\w+:\/\/[^/?@:]*:[^?]*@/.test(url) || /[?&]password=/.test(url));
}

function configFault(key: string, value: unknown): string | undefined {
  if ((CONFIG_KEYS as readonly string[]).includes(key))
    return typeof value === "string" ? undefined : `"${key}" must be text`;
  const [near] = nearest(key, CONFIG_KEYS, 1);
  return `"${key}" is unknown; ${near === undefined ? `it may hold ${CONFIG_KEYS.join(", ")}` : `did you mean "${near}"?`}`;
}

function text(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value;
}

function seconds(value: string | undefined, name: string, fallback: number, faults: string[]): number {
  const given = text(value)?.trim();
  if (given === undefined) return fallback;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(given);
  const length = Number(match?.[1]) * { ms: 0.001, s: 1, m: 60 }[(match?.[2] ?? "s") as "ms" | "s" | "m"];
  if (length >= 1) return length; // a shorter lease runs out before it can be renewed
  faults.push(`${name} must be a duration of 1s or more, such as 30s, not "${given}"`);
  return fallback;
}

function count(value: string | undefined, name: string, faults: string[]): number | undefined {
  const given = text(value)?.trim();
  if (given === undefined) return undefined;
  if (/^[1-9]\d{0,3}$/.test(given)) return Number(given);
  faults.push(`${name} must be a number from 1 to 9999, not "${given}"`);
  return undefined;
}

/** @throws UserError when the file cannot be read, is empty, or others than its owner can read it */
export function readSecretFile(path: string): string {
  const secret = secretIn(path);
  if (secret === undefined) throw new UserError(`the secret file ${path} cannot be read`);
  if (secret === "") throw new UserError(`the secret file ${path} is empty`);
  return secret;
}

function secretIn(path: string): string | undefined {
  try {
    if (!isReadByOthers(path)) return readFileSync(path, "utf8").trim();
  } catch {
    return undefined;
  }
  throw new UserError(`the secret file ${path} can be read by others`, { hint: `chmod 600 ${path}` });
}

function isReadByOthers(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0;
}
