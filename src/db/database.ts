import pg from "pg";
import { ExitCode, UserError } from "../errors.ts";
import { connectionFault, goneFault, tellNoSchema } from "./faults.ts";
import { Gate } from "./gate.ts";
import type { Identity } from "./identity.ts";
import { opening } from "./opening.ts";
import { preparedName } from "./prepared.ts";
import { SCHEMA_QUESTION } from "./schema.ts";
import { secureUrl } from "./secure-url.ts";

/** A row as TypeScript sees it: camelCase keys, timestamptz as Date, date as "2026-11-24", bigint as number. */
export type Row = Record<string, unknown>;

/** One transaction. Every statement of adsapp runs in one, under a role, so that the walls stand. */
export interface Transaction {
  query<R extends object = Row>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
  /** the only row, or undefined */
  one<R extends object = Row>(sql: string, parameters?: readonly unknown[]): Promise<R | undefined>;
  /** how many rows a statement changed */
  run(sql: string, parameters?: readonly unknown[]): Promise<number>;
  /** as query, for a statement that is run again and again and whose plan does not depend on its parameters: planned once */
  prepared<R extends object = Row>(sql: string, parameters: readonly unknown[]): Promise<R[]>;
  /**
   * the raw connection, for COPY
   * @internal so that programs need not have the types of pg
   */
  readonly client: pg.PoolClient;
}

export interface DatabaseOptions {
  /** the migrating owner's, and the default for both roles */
  url: string;
  workerUrl?: string | undefined;
  operatorUrl?: string | undefined;
  /** the clock of `--now`: added to the database's */
  nowOffset?: string | undefined;
  /** connections at most (a tick uses three) */
  connections?: number;
  /** how long to try to connect */
  connectSeconds?: number;
  /** how long a frozen process may keep a transaction open (30) */
  idleSeconds?: number;
  /** refuses another schema than the program's, at the first transaction. Without it: any schema will do */
  requireSchema?: (applied: readonly string[]) => void;
}

const CONNECTIONS = 3;

export class Database {
  readonly #pools = new Map<string, pg.Pool>();
  readonly #gates = new Map<pg.Pool, Gate>();
  readonly #options: DatabaseOptions;
  #isKnown = false;

  constructor(options: DatabaseOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#options.url;
  }

  /** Sets the clock of every later transaction: an interval as PostgreSQL reads it, added to its own clock. */
  setNowOffset(offset: string | undefined): void {
    this.#options.nowOffset = offset;
  }

  /**
   * Runs `work` in one transaction as `identity`; commits when it returns, rolls back when it throws.
   * Deadlocks and serialization failures are tried again, and so is what met a migration, so `work` must not do what cannot be
   * repeated.
   * @throws UserError (exit 75) when the database cannot be reached or is read-only, or its schema was changed while this ran
   */
  async transaction<T>(identity: Identity, work: (tx: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#gate(this.#pool(identity)).pass(() => this.#once(identity, work));
      } catch (error) {
        const told = connectionFault(error) ?? this.#goneFault(error) ?? error;
        if (isOfAnotherSchema(error)) await this.#askAboutSchema(identity);
        else if (!isWorthAnotherTry(error)) throw told;
        if (attempt >= 5) throw told;
      }
    }
  }

  /** Of a schema that was looked at: it has run all migrations. */
  #goneFault(error: unknown): Error | undefined {
    return this.#isKnown && this.#options.requireSchema !== undefined ? goneFault(error) : undefined;
  }

  async #once<T>(identity: Identity, work: (tx: Transaction) => Promise<T>): Promise<T> {
    const client = await this.#pool(identity).connect();
    const { nowOffset, idleSeconds = 30 } = this.#options;
    let broken: Error | undefined;
    try {
      const open = opening(identity, nowOffset, idleSeconds);
      if (this.#isKnown) await client.query(open);
      else await this.#openFirst(client, open);
      const result = await work(transactionOn(client));
      await client.query("commit");
      return result;
    } catch (error) {
      await client.query("rollback").catch((fault: Error) => {
        broken = fault;
      });
      if (isOfAnotherSchema(error)) broken ??= error as Error; // its prepared plans are of the old one
      throw error;
    } finally {
      client.release(broken);
    }
  }

  /** Asks about the schema in the same message: an idle tick has few. */
  async #openFirst(client: pg.PoolClient, open: string): Promise<void> {
    const { requireSchema } = this.#options;
    if (requireSchema === undefined) await client.query(open);
    else requireSchema(namesOf(await client.query(`${open}; ${SCHEMA_QUESTION}`).catch(tellNoSchema)));
    this.#isKnown = true;
  }

  /** @throws UserError (75) when a migration has made it another one than the program's */
  async #askAboutSchema(identity: Identity): Promise<void> {
    if (this.#options.requireSchema === undefined || !this.#isKnown) return;
    this.#isKnown = false;
    try {
      await this.#gate(this.#pool(identity)).pass(() => this.#once(identity, async () => {}));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(`${error.message}: it was changed while this ran`, {
        hint: `Nothing was lost. ${error.hint ?? ""}`.trim(),
        exitCode: ExitCode.TryAgain,
        cause: error,
      });
    }
  }

  #pool(identity: Identity): pg.Pool {
    const { url, workerUrl, operatorUrl, connections = CONNECTIONS, connectSeconds = 10 } = this.#options;
    const target =
      (identity.role === "worker" ? workerUrl : identity.role === "operator" ? operatorUrl : undefined) ??
      url;
    const known = this.#pools.get(target);
    if (known !== undefined) return known;
    const pool = new pg.Pool({
      connectionString: secureUrl(target),
      max: connections,
      connectionTimeoutMillis: connectSeconds * 1000,
      allowExitOnIdle: true,
      application_name: "adsapp",
      types: { getTypeParser },
    });
    // A connection that dies tells so by an event, which ends the process where nobody listens: idle ones are replaced at
    // the next use, and what a busy one was doing fails by itself.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
    this.#pools.set(target, pool);
    return pool;
  }

  /** Waiting for one's turn is not waiting for the server: it takes as long as it takes. */
  #gate(pool: pg.Pool): Gate {
    const gate = this.#gates.get(pool) ?? new Gate(this.#options.connections ?? CONNECTIONS);
    this.#gates.set(pool, gate);
    return gate;
  }

  async close(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    this.#gates.clear();
    await Promise.all(pools.map((pool) => pool.end()));
  }
}

/** The last statement's rows: node-postgres answers many statements with a list, which its types do not know. */
function namesOf(results: pg.QueryResult<{ name: string }>): string[] {
  const last = Array.isArray(results) ? (results.at(-1) as typeof results) : results;
  return last.rows.map((row) => row.name);
}

function transactionOn(client: pg.PoolClient): Transaction {
  const query = async <R extends object>(
    text: string,
    parameters: readonly unknown[] = [],
    name?: string,
  ) => {
    const result = await client.query<Row>({ text, values: [...parameters], ...(name && { name }) });
    return { rows: camelRows<R>(result.rows), count: result.rowCount ?? 0 };
  };
  return {
    client,
    query: async <R extends object>(sql: string, parameters?: readonly unknown[]) =>
      (await query<R>(sql, parameters)).rows,
    one: async <R extends object>(sql: string, parameters?: readonly unknown[]) =>
      (await query<R>(sql, parameters)).rows[0],
    prepared: async <R extends object>(sql: string, parameters: readonly unknown[]) =>
      (await query<R>(sql, parameters, await preparedName(client, sql))).rows,
    run: async (sql, parameters) => (await query(sql, parameters)).count,
  };
}

const camelNames = new Map<string, string>();

function camelName(column: string): string {
  let name = camelNames.get(column);
  if (name === undefined) {
    name = column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    camelNames.set(column, name);
  }
  return name;
}

function camelRows<R extends object>(rows: readonly Row[]): R[] {
  const first = rows[0];
  if (first === undefined) return [];
  const names = Object.keys(first).map((column) => [column, camelName(column)] as const);
  if (names.every(([column, name]) => column === name)) return rows as R[]; // a hot path names them itself
  return rows.map((row) => {
    const named: Row = {};
    for (const [column, name] of names) named[name] = row[column];
    return named as R;
  });
}

const { builtins } = pg.types;

/** Dates stay text (a Date would shift them by the time zone); bigint and numeric become numbers. */
function getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
  if (oid === builtins.DATE) return String;
  if (oid === builtins.INT8 || oid === builtins.NUMERIC) return Number;
  return pg.types.getTypeParser(oid, format ?? "text") as (value: string) => unknown;
}

const TRY_AGAIN = new Set(["40001", "40P01"]);

/** A table, column or function that is not there, and a plan whose result is another: what a migration beside it leaves behind. */
const OF_ANOTHER_SCHEMA = new Set(["42P01", "42703", "42883"]);

function isOfAnotherSchema(error: unknown): boolean {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  return OF_ANOTHER_SCHEMA.has(code) || (code === "0A000" && message.startsWith("cached plan"));
}

function isWorthAnotherTry(error: unknown): boolean {
  return TRY_AGAIN.has((error as { code?: string }).code ?? "");
}
