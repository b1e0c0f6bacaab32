import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";
import { namedQueries } from "../db/queries.ts";
import { type CompiledMessage, compileMessage, type FrozenDefinition } from "../templates/message.ts";
import type { ClaimedJob } from "./claim.ts";
import text from "./lane.sql";

const sql = namedQueries(text, "runDefinitions");

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

  constructor(database: Database) {
    this.#database = database;
  }

  /** Call before rendering: fetches the definitions of campaigns not seen yet, in one query. */
  async learn(jobs: readonly ClaimedJob[]): Promise<void> {
    const unknown = [...new Set(jobs.map(runKey))].filter((key) => !this.#compiled.has(key));
    if (unknown.length === 0) return;
    const ids = [...new Set(jobs.map((job) => job.campaignId))];
    const rows = await this.#database.transaction(worker, (tx) =>
      tx.query<{
        campaignId: string;
        occurrence: unknown;
        definition: FrozenDefinition;
        organizationName: string;
      }>(sql.runDefinitions, [ids]),
    );
    for (const row of rows) {
      this.#compiled.set(
        runKey(row),
        await compileMessage(row.definition, { organizationName: row.organizationName }),
      );
    }
  }

  render(job: ClaimedJob): Rendered | NotRendered {
    const compiled = this.#compiled.get(runKey(job));
    if (compiled === undefined) throw new Error(`no definition of campaign ${job.campaignId}`);
    const message = compiled.render(job);
    if ("missing" in message) return message;
    return {
      body: { ...envelope(job), ...message.payload },
      type: message.payload.type as string,
      text: message.text,
    };
  }
}

function runKey(run: { campaignId: string; occurrence: unknown }): string {
  return `${run.campaignId} ${String(run.occurrence)}`;
}

/** The Cloud API's envelope (reference §1.1); the opaque id comes back in every status webhook. */
function envelope(job: ClaimedJob): Record<string, unknown> {
  const address = job.phone !== null ? { to: job.phone } : { recipient: job.bsuid };
  return {
    messaging_product: "whatsapp",
    recipient_type: "individual",
    ...address,
    biz_opaque_callback_data: opaqueId(job.id, job.attempts),
  };
}

/** kind, row id and attempt. Kind `b`: a broadcast's job. */
export function opaqueId(jobId: string, attempt: number): string {
  return `b:${jobId}:${attempt}`;
}

const OPAQUE = /^b:([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}):([1-9]\d{0,3})$/;

/** Undefined when it is none of ours (another program sends through the same number). */
export function readOpaqueId(text: unknown): { jobId: string; attempt: number } | undefined {
  const match = typeof text === "string" ? OPAQUE.exec(text) : null;
  return match === null ? undefined : { jobId: match[1] as string, attempt: Number(match[2]) };
}
