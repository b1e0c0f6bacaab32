/**
 * As whom a transaction runs. `worker` is adsapp_worker (ticks, webhooks, imports' merges), `operator` is a
 * person's profile under Row Level Security, `owner` is the login itself: migrations only.
 */
export type Identity =
  | { role: "worker"; byKeys?: true }
  | { role: "operator"; profileId: string }
  | { role: "owner" };

export const worker: Identity = { role: "worker" };

/**
 * A worker whose rows are found by their keys, whatever the planner makes of a table of which it has no statistics yet: a broadcast
 * that was just written out (docs/decisions/009).
 */
export const workerByKeys: Identity = { role: "worker", byKeys: true };

export const owner: Identity = { role: "owner" };

export function operator(profileId: string): Identity {
  return { role: "operator", profileId };
}
