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
