import { existsSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
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
  /** how long a lane is held without renewal */
  laneLeaseSeconds: number;
}

/** What may stand in `$ADSAPP_HOME/config.json`; `adsapp org use` writes the organization there. */
export interface ConfigFile {
  organization?: string;
  user?: string;
  databaseUrl?: string;
}

export const META_API_URL = "https://graph.facebook.com/v25.0";

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
    laneLeaseSeconds: seconds(env.ADSAPP_LANE_LEASE, "ADSAPP_LANE_LEASE", 30, faults),
  };
  for (const name of ["databaseUrl", "workerDatabaseUrl", "operatorDatabaseUrl"] as const) {
    if (config[name] !== undefined && !/^postgres(ql)?:\/\//.test(config[name])) {
      faults.push(`${name} must start with postgresql://`);
    }
  }
  if (faults.length > 0)
    throw new UserError(faults.join("\n"), { hint: "Mend the environment or config.json and try again." });
  return config;
}

/** The state folder: ADSAPP_HOME, else `adsapp` in the XDG data folder, else ~/.local/share/adsapp. */
export function homeFolder(env: NodeJS.ProcessEnv): string {
  const dataHome = text(env.XDG_DATA_HOME) ?? join(text(env.HOME) ?? homedir(), ".local", "share");
  return text(env.ADSAPP_HOME) ?? join(dataHome, "adsapp");
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
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as ConfigFile;
    faults.push(`${path} must hold a JSON object`);
  } catch (error) {
    faults.push(`${path} is not valid JSON: ${(error as Error).message}`);
  }
  return {};
}

function text(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === "" ? undefined : value;
}

function seconds(value: string | undefined, name: string, fallback: number, faults: string[]): number {
  if (text(value) === undefined) return fallback;
  const match = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(value ?? "");
  if (match === null) {
    faults.push(`${name} must be a duration such as 30s, not "${value}"`);
    return fallback;
  }
  return Number(match[1]) * { ms: 0.001, s: 1, m: 60 }[(match[2] ?? "s") as "ms" | "s" | "m"];
}

/** @throws UserError when the file is missing or others than its owner can read it */
export function readSecretFile(path: string): string {
  let mode: number;
  try {
    mode = statSync(path).mode;
  } catch {
    throw new UserError(`the secret file ${path} cannot be read`);
  }
  if ((mode & 0o077) !== 0) {
    throw new UserError(`the secret file ${path} can be read by others`, { hint: `chmod 600 ${path}` });
  }
  return readFileSync(path, "utf8").trim();
}
