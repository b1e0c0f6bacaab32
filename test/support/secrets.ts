import type { Ran } from "./program.ts";

const CANARY = "kanarie-in-elke-test-8a7b";

/** The database's URL with a password that may be printed nowhere: the tests' servers ask for none. */
export const withCanary = (url: string) => url.replace(/^(postgres(?:ql)?:\/\/\w+)@/, `$1:${CANARY}@`);

/** What an environment holds that nobody may read in what a command prints. */
function secretsOf(env: NodeJS.ProcessEnv): string[] {
  return Object.entries(env).flatMap(([name, value = ""]) => {
    if (/(TOKEN|SECRET)$/.test(name)) return value.length >= 8 ? [value] : [];
    if (!name.endsWith("DATABASE_URL")) return [];
    const [, password = ""] = /^\w+:\/\/[^/@]*?:(.+)@/.exec(value) ?? [];
    return password.length >= 8 ? [password] : [];
  });
}

/** What `adsapp db url` is for. */
const SHOWS_PASSWORD = /\bdb url\b/;

/** Everything that the tests let the program print is searched for the secrets that it was given. */
export function expectNoSecret(args: readonly string[], env: NodeJS.ProcessEnv, ran: Ran): Ran {
  if (SHOWS_PASSWORD.test(args.join(" "))) return ran;
  const found = secretsOf(env).filter((secret) => (ran.stdout + ran.stderr).includes(secret));
  if (found.length > 0) throw new Error(`adsapp ${args.join(" ")} printed the secret ${found.join(", ")}`);
  return ran;
}
