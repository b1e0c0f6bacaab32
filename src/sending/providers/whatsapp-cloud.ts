import { Connections } from "./connections.ts";
import { Exchange } from "./exchange.ts";
import type { Answer, Provider, Refusal } from "./provider.ts";

/** From the first byte of the request to the last of the answer. */
const TOTAL_DEADLINE_MS = 30_000;
const ANSWER_CAP_BYTES = 256 * 1024;

/** undici and Node errors that tell that not one byte of the request was taken. */
const NEVER_SENT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "UND_ERR_CONNECT_TIMEOUT",
  "LEASE_OVER",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "ERR_SSL_WRONG_VERSION_NUMBER",
  "EPROTO",
]);

export interface CloudOptions {
  /** `https://graph.facebook.com/v25.0`; http only on loopback (checked where the sender is added) */
  apiUrl: string;
  phoneNumberId: string;
  token: string;
  concurrency?: number;
  /** shared with other lanes, and theirs to close */
  connections?: Connections | undefined;
  deadlineMs?: number;
}

/** WhatsApp Cloud API, `POST {apiUrl}/{phone_number_id}/messages`, keep-alive, redirects not followed. */
export function cloudProvider(options: CloudOptions): Provider {
  const { origin, pathname } = new URL(options.apiUrl);
  const concurrency = options.concurrency ?? 256;
  const connections = options.connections ?? new Connections(concurrency);
  const pool = connections.to(origin);
  const path = `${pathname.replace(/\/$/, "")}/${options.phoneNumberId}/messages`;
  const headers = { authorization: `Bearer ${options.token}`, "content-type": "application/json" };
  const deadlineMs = options.deadlineMs ?? TOTAL_DEADLINE_MS;
  const open = new Set<Exchange>();
  const watched = new WeakSet<AbortSignal>();
  const watch = (signal: AbortSignal) => {
    if (watched.has(signal)) return;
    watched.add(signal);
    signal.addEventListener("abort", () => {
      for (const exchange of open) exchange.end("AbortError");
    });
  };
  return {
    concurrency,
    send(body, signal, mayLeave = () => true) {
      watch(signal);
      return new Promise((resolve) => {
        const end = (answer: Answer) => {
          open.delete(exchange);
          resolve(answer);
        };
        const exchange = new Exchange(
          { deadlineMs, capBytes: ANSWER_CAP_BYTES, mayLeave },
          ({ status, text, retryAfter, date }) =>
            end(readAnswer(status, without(options.token, text), retryAfter, date)),
          (error) => end(failedRequest(error)),
        );
        open.add(exchange);
        if (signal.aborted) exchange.end("AbortError");
        else pool.dispatch({ method: "POST", path, headers, body: JSON.stringify(body) }, exchange);
      });
    },
    close: async () => {
      if (options.connections === undefined) await connections.close();
    },
  };
}

/** What a refusal says is kept with the message and shown to people: a proxy may repeat the token in it. */
function without(token: string, text: string | undefined): string | undefined {
  const isSecret = token.length >= 8; // a shorter one is a test's, and may stand in any word
  return isSecret ? text?.replaceAll(token, "***") : text;
}

/** What is thrown for a deadline or an abort has a number for its code (DOMException). */
function failedRequest(error: unknown): Answer {
  const { code, syscall, name, message } = error as NodeJS.ErrnoException;
  const known = typeof code === "string" ? code : "";
  const kind = NEVER_SENT.has(known) || syscall === "connect" ? "unsent" : "unknown";
  return { kind, reason: (known || name || message || "no reason given").slice(0, 200) };
}

/** Decides by the body alone, as Meta advises; the HTTP status only where the body is not Meta's (reference §2.2). */
export function readAnswer(
  httpStatus: number,
  text: string | undefined,
  retryAfter?: string,
  date?: string,
): Answer {
  const body = parsed(text);
  const id = httpStatus === 200 ? acceptedId(body) : undefined;
  if (id !== undefined) return { kind: "accepted", providerMessageId: id };
  const error = (body as { error?: GraphError } | undefined)?.error;
  const known = typeof error?.code === "number";
  if (!known && (httpStatus < 300 || httpStatus >= 500 || httpStatus === 408)) {
    return { kind: "unknown", reason: `HTTP ${httpStatus} that cannot be read` };
  }
  const retryAfterSeconds = secondsOf(retryAfter, date);
  return { kind: "refused", refusal: refusalOf(httpStatus, known ? error : undefined, retryAfterSeconds) };
}

interface GraphError {
  code?: unknown;
  error_subcode?: unknown;
  message?: unknown;
  is_transient?: unknown;
  error_data?: unknown;
}

function refusalOf(
  httpStatus: number,
  error: GraphError | undefined,
  retryAfterSeconds: number | null,
): Refusal {
  const data = error?.error_data;
  const details = typeof data === "string" ? data : (data as { details?: unknown } | undefined)?.details;
  return {
    httpStatus,
    code: error === undefined ? null : Number(error.code),
    subcode: typeof error?.error_subcode === "number" ? error.error_subcode : null,
    details: String(details ?? error?.message ?? `HTTP ${httpStatus}`).slice(0, 500),
    transient: error?.is_transient === true,
    retryAfterSeconds,
  };
}

/** Retry-After is seconds, or a moment by the server's own clock (its Date header). Null: it says nothing. */
function secondsOf(retryAfter: string | undefined, date: string | undefined): number | null {
  if (retryAfter === undefined || retryAfter.trim() === "") return null;
  const seconds = Number(retryAfter);
  const until = Number.isNaN(seconds) ? (Date.parse(retryAfter) - Date.parse(date ?? "")) / 1000 : seconds;
  return Number.isFinite(until) && until >= 0 ? until : null;
}

function parsed(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function acceptedId(body: unknown): string | undefined {
  const id = (body as { messages?: { id?: unknown }[] } | undefined)?.messages?.[0]?.id;
  return typeof id === "string" && id !== "" ? id : undefined;
}
