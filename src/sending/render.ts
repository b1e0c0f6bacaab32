import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { type CompiledMessage, compileMessage, type FrozenDefinition } from "../templates/message.ts";
import type { ClaimedJob } from "./claim.ts";
import dripText from "./claim-drips.sql";
import type { Kind } from "./kind.ts";
import text from "./lane.sql";

const sql = { ...namedQueries(text, "runDefinitions"), ...namedQueries(dripText, "stepDefinitions") };

interface Definition {
  campaignId: string;
  occurrence: unknown;
  definition: FrozenDefinition;
  organizationName: string;
}

/** A message ready to go: the request's body and what a person would read. */
export interface Rendered {
  body: Record<string, unknown>;
  type: string;
  text: string | null;
}

/** The contact lacks a value that the message needs: skipped, not failed. */
export interface NotRendered {
  missing: string;
}

/** Compiles each run's frozen definition once a process; renders it for each job. */
export class Renderer {
  readonly #database: Database;
  readonly #compiled = new Map<string, CompiledMessage>();
  #latest: { run: RunKey; message: CompiledMessage } | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Call before rendering: fetches the definitions not seen yet, in one query for each kind. */
  async learn(jobs: readonly ClaimedJob[]): Promise<void> {
    const unknown = jobs.filter((job) => job.kind !== "m" && this.#compiledOf(job) === undefined);
    const campaigns = idsOf(unknown.filter(({ kind }) => kind === "b").map(({ campaignId }) => campaignId));
    const steps = idsOf(
      unknown.filter(({ kind }) => kind === "d").map(({ occurrence }) => String(occurrence)),
    );
    const rows = [
      ...(await this.#definitions(sql.runDefinitions, campaigns)),
      ...(await this.#definitions(sql.stepDefinitions, steps)),
    ];
    for (const row of rows) {
      const names = { organizationName: row.organizationName };
      this.#compiled.set(runKey(row), await compileMessage(row.definition, names));
      for (const { name: variant, ...own } of row.definition.variants ?? [])
        this.#compiled.set(
          runKey({ ...row, variant }),
          await compileMessage({ ...row.definition, ...own }, names),
        );
    }
  }

  async #definitions(query: string, ids: readonly string[]): Promise<Definition[]> {
    if (ids.length === 0) return [];
    return this.#database.transaction(worker, (tx) => tx.query<Definition>(query, [ids]));
  }

  render(job: ClaimedJob): Rendered | NotRendered {
    if (job.kind === "m")
      return { body: request(job, job.payload ?? {}), type: job.type ?? "text", text: job.body ?? null };
    const compiled = this.#compiledOf(job);
    if (compiled === undefined) throw new Error(`no definition of campaign ${job.campaignId}`);
    const message = compiled.render(job);
    if ("missing" in message) return message;
    return {
      body: request(job, message.payload),
      type: message.payload.type as string,
      text: message.text,
    };
  }

  /** Most jobs are of the run of the one before. */
  #compiledOf(run: RunKey): CompiledMessage | undefined {
    if (this.#latest !== undefined && isSameRun(this.#latest.run, run)) return this.#latest.message;
    const message = this.#compiled.get(runKey(run));
    if (message !== undefined) this.#latest = { run, message };
    return message;
  }
}

function idsOf(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

interface RunKey {
  campaignId: string;
  occurrence: unknown;
  variant?: string | null;
}

function runKey(run: RunKey): string {
  return `${run.campaignId} ${timeOf(run)} ${run.variant ?? ""}`;
}

function timeOf({ occurrence }: RunKey): unknown {
  return occurrence instanceof Date ? occurrence.getTime() : occurrence;
}

function isSameRun(one: RunKey, other: RunKey): boolean {
  return (
    one.campaignId === other.campaignId &&
    (one.variant ?? "") === (other.variant ?? "") &&
    timeOf(one) === timeOf(other)
  );
}

/** The Cloud API's envelope (reference §1.1) around a payload; the opaque id comes back in every status webhook. */
function request(job: ClaimedJob, payload: Record<string, unknown>): Record<string, unknown> {
  const { phone, bsuid } = job;
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    [phone !== null ? "to" : "recipient"]: phone ?? bsuid,
    biz_opaque_callback_data: opaqueId(job.kind, job.id, job.attempts),
    ...payload,
  };
}

/** kind, row id and attempt */
export function opaqueId(kind: Kind, id: string, attempt: number): string {
  return `${kind}:${id}:${attempt}`;
}

const OPAQUE = /^([bdm]):([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):([1-9]\d{0,3})$/;

/** Undefined when it is none of ours (another program sends through the same number). */
export function readOpaqueId(text: unknown): { kind: Kind; id: string; attempt: number } | undefined {
  const match = typeof text === "string" ? OPAQUE.exec(text) : null;
  return match === null
    ? undefined
    : { kind: match[1] as Kind, id: match[2] as string, attempt: Number(match[3]) };
}
