import { createHash, randomBytes } from "node:crypto";
import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, notFound, UserError } from "../errors.ts";
import text from "./tokens.sql";
import { refuseAllButAdmins } from "./viewer.ts";

const sql = namedQueries(text, "createToken", "listTokens", "revokeToken", "tokenOwner");

const TAKEN = "23505";

/** A token as people see it; the token itself is nowhere. */
export interface Token {
  id: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

/**
 * Makes a token with which a program tells events of this organization. As operator, admins only.
 * @returns the token, which nobody can show again
 * @throws UserError (1) when one of that name is in use, (5) for others than admins
 */
export async function createToken(
  tx: Transaction,
  organizationId: string,
  name: string,
): Promise<{ name: string; token: string }> {
  await refuseAllButAdmins(tx, "makes and revokes tokens");
  const token = `adsapp_${randomBytes(32).toString("base64url")}`;
  await tx.run(sql.createToken, [organizationId, name, hashOf(token)]).catch((error) => {
    if ((error as { code?: string }).code !== TAKEN) throw error;
    throw new UserError(`there is a token "${name}" already`, {
      hint: `Revoke it first (adsapp org token revoke "${name}"), or choose another name.`,
      exitCode: ExitCode.Failed,
    });
  });
  return { name, token };
}

export function listTokens(tx: Transaction, organizationId: string): Promise<Token[]> {
  return tx.query(sql.listTokens, [organizationId]);
}

/** As operator, admins only. @throws UserError (4) when none of that name or id is in use, (5) for others than admins */
export async function revokeToken(tx: Transaction, organizationId: string, name: string): Promise<Token> {
  await refuseAllButAdmins(tx, "makes and revokes tokens");
  const revoked = await tx.one<Token>(sql.revokeToken, [organizationId, name]);
  if (revoked !== undefined) return revoked;
  const names = (await listTokens(tx, organizationId)).map((token) => token.name);
  throw notFound("token", name, nearest(name, names));
}

/** Whose token it is. As worker. Undefined: nobody's, or it was revoked. */
export function tokenOwner(
  tx: Transaction,
  token: string,
): Promise<{ organizationId: string; defaultCountry: string } | undefined> {
  return tx.one(sql.tokenOwner, [hashOf(token)]);
}

/** 256 random bits need no slow hash. */
function hashOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
