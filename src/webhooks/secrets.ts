import { readSecret } from "../config.ts";
import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { type Change, changesOf, textOf } from "./body.ts";
import { isOfAccounts } from "./notices.ts";
import { isSigned } from "./signature.ts";

/** How long a sender that is new, or has another secret, may have to wait. */
const FRESH_MS = 30_000;

interface OwnSecret {
  name: string;
  phoneNumberId: string | null;
  wabaId: string | null;
}

/**
 * Who may have signed a body: the host's app secret signs for every number; a secret that senders name themselves
 * signs for their numbers and accounts alone, so that one tenant's app cannot speak for another's number.
 */
export class Secrets {
  readonly #database: Database;
  readonly #env: NodeJS.ProcessEnv;
  readonly #appSecret: string | undefined;
  #own: OwnSecret[] = [];
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(database: Database, env: NodeJS.ProcessEnv, appSecret: string | undefined) {
    this.#database = database;
    this.#env = env;
    this.#appSecret = appSecret;
  }

  /** @param body the bytes as they came; @param header X-Hub-Signature-256 */
  async accept(body: Buffer, header: string | undefined): Promise<boolean> {
    if (header === undefined) return false;
    if (this.#appSecret !== undefined && isSigned(body, header, this.#appSecret)) return true;
    const own = await this.#ownSecrets();
    const signers = [...new Set(own.map(({ name }) => name))].filter((name) => {
      const secret = readSecret(this.#env, name);
      return secret !== undefined && isSigned(body, header, secret);
    });
    const theirs = own.filter(({ name }) => signers.includes(name));
    return theirs.length > 0 && speaksFor(body, theirs);
  }

  async #ownSecrets(): Promise<OwnSecret[]> {
    if (performance.now() - this.#readAt < FRESH_MS) return this.#own;
    this.#own = await this.#database.transaction(worker, (tx) =>
      tx.query<OwnSecret>(
        "select app_secret_env as name, phone_number_id, waba_id from senders where app_secret_env is not null",
      ),
    );
    this.#readAt = performance.now();
    return this.#own;
  }
}

/** Is every number of the body one of these senders', and every account that it tells of or that names no number? */
function speaksFor(body: Buffer, senders: readonly OwnSecret[]): boolean {
  const numbers = new Set(senders.map(({ phoneNumberId }) => phoneNumberId));
  const accounts = new Set(senders.map(({ wabaId }) => wabaId));
  return changesIn(body).every(({ account, field, phoneNumberId }) =>
    phoneNumberId === undefined || isOfAccounts(field)
      ? accounts.has(String(account))
      : numbers.has(phoneNumberId),
  );
}

/** None where the body cannot be read: then it says nothing of anybody, and waits with its error. */
function changesIn(body: Buffer): Change[] {
  try {
    return changesOf(textOf(body));
  } catch {
    return [];
  }
}
