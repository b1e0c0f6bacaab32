import type { Status } from "./statuses.ts";

/** What a batch tells of one message, in whatever order and however often it does: times are the first ones, in seconds since 1970. */
interface MessageNews {
  phoneNumberId: string;
  wamid: string;
  jobId: string | null;
  attempt: number | null;
  sentAt: number | null;
  deliveredAt: number | null;
  readAt: number | null;
  failedAt: number | null;
  errorCode: string | null;
  error: string | null;
  /** JSON */
  pricing: string | null;
  optedOut: boolean;
  undeliverable: boolean;
}

/** Bodies of two tenants may name the same message: each is judged by the number that it came from. */
export function messageKey({ phoneNumberId, wamid }: { phoneNumberId: string; wamid: string }): string {
  return `${phoneNumberId} ${wamid}`;
}

/** The parameters of applyStatuses: one array a column, one row a message. */
export function columnsOf(statuses: readonly Status[]): unknown[][] {
  const news = newsOf(statuses);
  return [
    news.map((n) => n.phoneNumberId),
    news.map((n) => n.wamid),
    news.map((n) => n.jobId),
    news.map((n) => n.attempt),
    news.map((n) => n.sentAt),
    news.map((n) => n.deliveredAt),
    news.map((n) => n.readAt),
    news.map((n) => n.failedAt),
    news.map((n) => n.errorCode),
    news.map((n) => n.error),
    news.map((n) => n.pricing),
    news.map((n) => n.optedOut),
    news.map((n) => n.undeliverable),
  ];
}

function newsOf(statuses: readonly Status[]): MessageNews[] {
  const byMessage = new Map<string, Status[]>();
  for (const status of statuses) {
    const key = messageKey(status);
    const told = byMessage.get(key);
    if (told === undefined) byMessage.set(key, [status]);
    else told.push(status);
  }
  return [...byMessage.values()].map(newsOfOne);
}

/** Of several errors an opt-out's counts, else the first. */
function newsOfOne(told: readonly Status[]): MessageNews {
  const byTime = told.toSorted((a, b) => a.at.getTime() - b.at.getTime());
  const byWeight = byTime.toSorted((a, b) => Number(b.optedOut) - Number(a.optedOut));
  const { phoneNumberId, wamid } = told[0] as Status;
  const first = (word: Status["status"]) => {
    const at = byTime.find(({ status }) => status === word)?.at;
    return at === undefined ? null : at.getTime() / 1000;
  };
  const pricing = byTime.find((status) => status.pricing !== null)?.pricing;
  return {
    phoneNumberId,
    wamid,
    jobId: told.find(({ jobId }) => jobId !== null)?.jobId ?? null,
    attempt: told.reduce<number | null>(
      (most, { attempt }) => (attempt !== null && attempt > (most ?? 0) ? attempt : most),
      null,
    ),
    sentAt: first("sent"),
    deliveredAt: first("delivered"),
    readAt: first("read"),
    failedAt: first("failed"),
    errorCode: byWeight.find(({ errorCode }) => errorCode !== null)?.errorCode ?? null,
    error: byWeight.find(({ error }) => error !== null)?.error ?? null,
    pricing: pricing === undefined ? null : JSON.stringify(pricing),
    optedOut: told.some(({ optedOut }) => optedOut),
    undeliverable: told.some(({ undeliverable }) => undeliverable),
  };
}
