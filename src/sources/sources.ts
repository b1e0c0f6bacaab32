import { randomInt } from "node:crypto";
import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed, notFound, UserError } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import text from "./sources.sql";

const sql = namedQueries(text, "createSource", "listSources");

export const TYPES = ["direct", "qr_code", "web_widget", "api", "campaign"] as const;
export type SourceType = (typeof TYPES)[number];

/** Where conversations come from. */
export interface Source {
  id: string;
  name: string;
  type: SourceType;
  /** stands in the text of its link: [ref: A7K2P9]; null: one that takes what no other takes */
  code: string | null;
  /** what its link has people write */
  text: string | null;
  /** whose answers it takes */
  campaign: string | null;
  /** Meta's ids of the ads whose people it takes */
  adIds: string[] | null;
  createdAt: Date;
  /** conversations: all, those of the last days that were asked for, and today's */
  conversations: number;
  recent: number;
  today: number;
  /** by local day, of the last days that were asked for */
  byDay: Record<string, number>;
}

export interface NewSource {
  name: string;
  type: SourceType;
  text?: string | undefined;
  campaignId?: string | undefined;
  adIds?: readonly string[] | undefined;
}

/** Without what people take for one another: 0 and O, 1, I and L. */
const SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789";
const CODE_LENGTH = 6;
const TAKEN = "23505";
/** What is left of WhatsApp's 4096 for the token, and short enough for a QR code that phones read. */
const LONGEST_TEXT = 500;

/** Makes a source with a code of its own. As operator. @throws UserError (1) when the name is taken, (2) for the text, (5) for viewers */
export async function createSource(
  tx: Transaction,
  organizationId: string,
  wanted: NewSource,
): Promise<Source> {
  await refuseViewer(tx);
  const name = wanted.name.trim();
  if (name === "" || name.length > 200) throw new UserError("a source's name has 1 to 200 characters");
  const { text, campaignId, adIds } = wanted;
  if (text !== undefined && (text.trim() === "" || text.length > LONGEST_TEXT))
    throw new UserError(`--text has 1 to ${LONGEST_TEXT} characters`);
  const config = JSON.stringify({ text, campaignId, adIds });
  for (;;) {
    const made = await tx
      .one<{ id: string }>(sql.createSource, [organizationId, wanted.type, name, newCode(), config])
      .catch(tellTaken(name));
    if (made !== undefined) return findSource(tx, organizationId, made.id);
  }
}

function newCode(): string {
  return Array.from({ length: CODE_LENGTH }, () => SIGNS[randomInt(SIGNS.length)]).join("");
}

function tellTaken(name: string) {
  return (error: Error & { code?: string }): never => {
    if (error.code !== TAKEN) throw error;
    throw notAllowed(`there is a source "${name}" already`, "Give it another name.");
  };
}

/** All of them, oldest first. @param days how many days back `recent` and `byDay` reach, today included */
export function listSources(tx: Transaction, organizationId: string, days = 30): Promise<Source[]> {
  return tx.query(sql.listSources, [organizationId, days, null]);
}

/** By name or id. @throws UserError (4) with near names */
export async function findSource(tx: Transaction, organizationId: string, nameOrId: string): Promise<Source> {
  const found = await tx.one<Source>(sql.listSources, [organizationId, 30, nameOrId]);
  if (found !== undefined) return found;
  const names = (await listSources(tx, organizationId)).map(({ name }) => name);
  throw notFound("source", nameOrId, nearest(nameOrId, names));
}
