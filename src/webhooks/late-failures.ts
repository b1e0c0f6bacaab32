import type { Database, Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { Breaker } from "../sending/breaker.ts";
import { applyEffect, type Concerned } from "../sending/effects.ts";
import type { CampaignKind, Kind } from "../sending/kind.ts";
import { lastOutcomes, pauseCampaign } from "../sending/lane.ts";
import { type Effect, lateFailureOf } from "../sending/outcomes.ts";
import text from "./statuses.sql";
import type { Status } from "./statuses.ts";

const sql = namedQueries(text, "retryFailed", "whomItConcerned");

/** A message that failed after it was accepted, for the first time that we hear of it. */
export interface FailedMessage {
  phoneNumberId: string;
  wamid: string;
  organizationId: string;
}

/** What is to follow once the statuses are committed. */
export interface Aftermath extends Concerned {
  effect: Effect;
  errorCode: string | null;
  error: string | null;
}

/**
 * Puts jobs back whose message failed late, as the outcome table says; after the statuses are applied, in their transaction.
 * @returns what else the errors mean, to be heeded after the commit (heedFailures): it locks other rows
 */
export async function retryFailed(
  tx: Transaction,
  failed: readonly FailedMessage[],
  statuses: readonly Status[],
): Promise<Aftermath[]> {
  if (failed.length === 0) return [];
  const fates = failed.map((message) => ({ ...message, ...fateOf(message, statuses) }));
  const back = fates.filter(({ row }) => row !== "failed");
  if (back.length > 0)
    await tx.run(sql.retryFailed, [
      back.map(({ wamid }) => wamid),
      back.map(({ organizationId }) => organizationId),
      back.map(({ row }) => row),
      back.map(({ afterSeconds }) => afterSeconds),
    ]);
  return aftermathOf(tx, fates);
}

type Fate = ReturnType<typeof fateOf>;

/** By the error that the messages table keeps: the opt-out, else the first. */
function fateOf({ phoneNumberId, wamid }: FailedMessage, statuses: readonly Status[]) {
  const errors = statuses.filter(
    (status) =>
      status.phoneNumberId === phoneNumberId && status.wamid === wamid && status.status === "failed",
  );
  const told = errors.find((status) => status.optedOut) ?? errors[0];
  const { errorCode = null, error = null } = told ?? {};
  return { errorCode, error, ...lateFailureOf(errorCode === null ? null : Number(errorCode), error ?? "") };
}

async function aftermathOf(tx: Transaction, fates: readonly (FailedMessage & Fate)[]): Promise<Aftermath[]> {
  const meant = fates.filter(({ effect }) => effect !== undefined);
  if (meant.length === 0) return [];
  const rows = await tx.query<{
    wamid: string;
    senderId: string;
    kind: Kind;
    campaignId: string;
    phone: string | null;
  }>(sql.whomItConcerned, [
    meant.map(({ wamid }) => wamid),
    meant.map(({ organizationId }) => organizationId),
  ]);
  return rows.flatMap(({ wamid, senderId, ...row }) =>
    meant
      .filter((fate) => fate.wamid === wamid)
      .map(({ effect, errorCode, error }) => ({
        ...row,
        sender: { id: senderId },
        effect: effect as Effect,
        errorCode,
        error,
      })),
  );
}

/** Lanes go slower, senders halt, campaigns pause: each once, however many messages said so. */
export async function heedFailures(database: Database, all: readonly Aftermath[]): Promise<void> {
  const once = new Map(all.map((one) => [`${one.effect} ${subjectOf(one)}`, one]));
  for (const one of once.values()) {
    const why = `${one.errorCode}: ${one.error}`;
    if (one.effect !== "our_fault") await applyEffect(database, one.effect, one, why);
    else if (one.kind !== "m") await stopIfBroken(database, one.kind, one);
  }
}

function subjectOf({ effect, sender, campaignId, phone }: Aftermath): string {
  if (effect === "close_country") return `${campaignId} ${phone?.slice(0, 4)}`;
  return effect === "our_fault" || effect === "pause_campaign" ? campaignId : sender.id;
}

/** Five in a row of what we sent were wrong, or a fifth: media that Meta cannot fetch is told of only now. */
async function stopIfBroken(database: Database, kind: CampaignKind, failed: Aftermath): Promise<void> {
  const codes = await lastOutcomes(database, kind, failed.campaignId, new Date(8_640_000_000_000_000));
  const broken = new Breaker().remember(failed.campaignId, codes, failed);
  if (broken !== undefined) await pauseCampaign(database, kind, failed.campaignId, broken);
}
