import pg from "pg";

/**
 * As whom a transaction runs. `worker` is adsapp_worker (ticks, webhooks, imports' merges), `operator` is a
 * person's profile under Row Level Security, `owner` is the login itself: migrations only.
 */
export type Identity = { role: "worker" } | { role: "operator"; profileId: string } | { role: "owner" };

export const worker: Identity = { role: "worker" };
export const owner: Identity = { role: "owner" };

export function operator(profileId: string): Identity {
  return { role: "operator", profileId };
}

/**
 * The statements that open a transaction, in one round trip. All settings are LOCAL: a pooler that hands the
 * connection on hands on nothing of them.
 */
export function opening(identity: Identity, nowOffset: string | undefined): string {
  const statements = ["begin", "set local timezone = 'UTC'"];
  if (identity.role !== "owner") statements.push(`set local role adsapp_${identity.role}`);
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
