import { META_API_URL } from "../config.ts";
import { UserError } from "../errors.ts";

/**
 * Keeps tokens from strangers' hosts. A sender's row says where its token goes and which variable or file holds it, and
 * an organization's people may write that row: what the row alone names gets nothing from this host's environment.
 * @param env ADSAPP_WHATSAPP_API_URL vouches for its own origin
 * @throws UserError unless the URL is Meta's, this machine's, or of the origin that the environment names
 */
export function refuseStrangeHost(sender: string, apiUrl: string, env: NodeJS.ProcessEnv): void {
  if (mayHaveTokens(apiUrl, env)) return;
  const host = URL.canParse(apiUrl) ? new URL(apiUrl).origin : "no URL";
  throw new UserError(`sender "${sender}" would send its token to ${host}, which this host does not know`, {
    hint: `If it is yours: ADSAPP_WHATSAPP_API_URL=${host} where adsapp tick runs.`,
  });
}

/** Is that Meta's host, this machine, or what ADSAPP_WHATSAPP_API_URL names? */
export function mayHaveTokens(apiUrl: string, env: NodeJS.ProcessEnv): boolean {
  if (!URL.canParse(apiUrl)) return false;
  const { protocol, hostname, origin, username, password } = new URL(apiUrl);
  if (username !== "" || password !== "") return false;
  if (isLoopback(hostname)) return protocol === "https:" || protocol === "http:";
  if (protocol !== "https:") return false;
  const own = env.ADSAPP_WHATSAPP_API_URL ?? "";
  return origin === new URL(META_API_URL).origin || (URL.canParse(own) && new URL(own).origin === origin);
}

/** @param host as URL gives it: an IPv6 address in brackets */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
