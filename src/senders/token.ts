import { readSecret, readSecretFile } from "../config.ts";
import { UserError } from "../errors.ts";
import type { Sender } from "./senders.ts";

/** The access token of a sender, from where it says. @throws UserError when it is not there */
export function senderToken(
  { name, tokenEnv, tokenFile }: Pick<Sender, "name" | "tokenEnv" | "tokenFile">,
  env: NodeJS.ProcessEnv,
): string {
  if (tokenFile !== null) return readSecretFile(tokenFile);
  const token = readSecret(env, tokenEnv ?? "");
  if (token !== undefined) return token;
  throw new UserError(`sender "${name}" has no access token here: ${tokenEnv} is not set`, {
    hint: `Set ${tokenEnv}, or ${tokenEnv}_FILE with a file of mode 0600.`,
  });
}
