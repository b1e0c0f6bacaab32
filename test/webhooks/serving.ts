// `adsapp webhook serve` as a process of its own, on a free port.
import { once } from "node:events";
import { signBody } from "../../src/webhooks/signature.ts";
import { startAdsapp } from "../support/program.ts";

export const APP_SECRET = "0123456789abcdef0123456789abcdef";
export const VERIFY_TOKEN = "verify-me";

export interface Serving {
  url: string;
  /** with the app secret's signature unless another is given; null: none */
  post(body: string | Buffer, signature?: string | null): Promise<Response>;
  postEvents(body: unknown, token?: string): Promise<Response>;
  /** ends it with this signal. @returns its exit code, null when the signal killed it */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export async function serveWebhooks(databaseUrl: string, env: NodeJS.ProcessEnv = {}): Promise<Serving> {
  const child = startAdsapp(["webhook", "serve", "--port", "0"], {
    databaseUrl,
    env: { ADSAPP_WEBHOOK_APP_SECRET: APP_SECRET, ADSAPP_WEBHOOK_VERIFY_TOKEN: VERIFY_TOKEN, ...env },
  });
  const closed = once(child, "close");
  const said = await Promise.race([once(child.stdout, "data"), closed]);
  const url = /(http:\/\/[^/]+)\/webhook/.exec(String(said[0]))?.[1];
  if (url === undefined) throw new Error(`webhook serve did not start: ${child.stderr.read()}`);
  return {
    url,
    post(body, signature = signBody(body, APP_SECRET)) {
      const headers = new Headers(signature === null ? [] : [["x-hub-signature-256", signature]]);
      return fetch(`${url}/webhook`, { method: "POST", headers, body });
    },
    postEvents(body, token) {
      const headers = new Headers(token === undefined ? [] : [["authorization", `Bearer ${token}`]]);
      const text = typeof body === "string" ? body : JSON.stringify(body);
      return fetch(`${url}/events`, { method: "POST", headers, body: text });
    },
    async end(signal = "SIGTERM") {
      child.kill(signal);
      const [code] = (await closed) as [number | null];
      return code;
    },
  };
}
