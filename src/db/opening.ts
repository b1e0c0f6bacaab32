import pg from "pg";
import type { Identity } from "./identity.ts";

/**
 * The statements that open a transaction, in one round trip. All settings are LOCAL: a pooler that hands the
 * connection on hands on nothing of them.
 * @param idleSeconds after which the server ends a session that does nothing in an open transaction
 */
export function opening(identity: Identity, nowOffset: string | undefined, idleSeconds: number): string {
  // a process that was frozen in a transaction must not hold its locks for longer than a lane
  const idle = Math.round(idleSeconds * 1000);
  const statements = [
    "begin isolation level read committed", // what a statement reads after a lock is what is there then, whatever the database's default
    "set local timezone = 'UTC'",
    "set local jit = off", // compiling a claim takes longer than running it, each time: twice the CPU of a message on a server as Debian sets it up
    `set local idle_in_transaction_session_timeout = ${idle}`,
  ];
  if (identity.role !== "owner") statements.push(`set local role adsapp_${identity.role}`);
  if (identity.role === "worker" && identity.byKeys) statements.push("set local enable_seqscan = off");
  if (identity.role === "operator") {
    const id = identity.profileId;
    statements.push(`set local request.jwt.claim.sub = ${literal(id)}`);
    statements.push(
      `set local request.jwt.claims = ${literal(JSON.stringify({ sub: id, role: "authenticated" }))}`,
    );
  }
  if (nowOffset !== undefined) statements.push(`set local adsapp.now_offset = ${literal(nowOffset)}`);
  return statements.join("; ");
}

const literal = (text: string) => pg.escapeLiteral(text);
