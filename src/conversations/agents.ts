import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import { noSuchUser } from "../organizations/organization.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import text from "./agents.sql";
import conversationText from "./conversations.sql";

const sql = {
  ...namedQueries(text, "goOnline", "goOffline", "listAgents"),
  ...namedQueries(conversationText, "findAgent", "me"),
};

/** Someone who answers people. */
export interface Agent {
  id: string;
  email: string;
  fullName: string;
  role: "admin" | "agent";
  /** null: not online */
  onlineSince: Date | null;
  openConversations: number;
  /** of these, how many wait for an answer */
  waiting: number;
}

export function listAgents(tx: Transaction, organizationId: string): Promise<Agent[]> {
  return tx.query(sql.listAgents, [organizationId, null]);
}

/**
 * An agent by e-mail or id; without one, the acting profile.
 * @throws UserError (4) when there is none, (1) for a viewer, who answers nobody, (5) when the acting profile is one
 */
export async function findAgent(
  tx: Transaction,
  organizationId: string,
  word: string | undefined,
): Promise<string> {
  if (word === undefined) await refuseViewer(tx);
  const found = await tx.one<{ id: string; email: string; role: string }>(
    word === undefined ? sql.me : sql.findAgent,
    word === undefined ? [organizationId] : [organizationId, word],
  );
  if (found === undefined) throw await noSuchUser(tx, organizationId, word ?? "");
  if (found.role === "viewer") throw notAllowed(`${found.email} is a viewer, who only reads`);
  return found.id;
}

/** The acting profile begins to work; doing so twice changes nothing. @throws UserError (5) for viewers */
export async function goOnline(tx: Transaction, organizationId: string): Promise<Agent> {
  await refuseViewer(tx);
  await tx.run(sql.goOnline, [organizationId]);
  return one(tx, organizationId, await findAgent(tx, organizationId, undefined));
}

/**
 * An agent stops working, and the time online is counted. Admins may end another's session: people forget.
 * @param word e-mail or id; undefined: the acting profile
 * @throws UserError (4) unknown, (1) when it is another's and the acting profile is no admin, (5) for viewers
 */
export async function goOffline(
  tx: Transaction,
  organizationId: string,
  word: string | undefined,
): Promise<Agent> {
  await refuseViewer(tx);
  const id = await findAgent(tx, organizationId, word);
  const ended = await tx.run(sql.goOffline, [organizationId, id]);
  const agent = await one(tx, organizationId, id);
  if (ended === 0 && agent.onlineSince !== null)
    throw notAllowed(`only an admin takes ${agent.email} offline`);
  return agent;
}

async function one(tx: Transaction, organizationId: string, id: string): Promise<Agent> {
  return (await tx.one<Agent>(sql.listAgents, [organizationId, id])) as Agent;
}
