import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { DEFAULT_THROUGHPUT, UPGRADED_THROUGHPUT } from "../senders/check.ts";
import text from "./notices.sql";
import { isSentNoMore, type Notice, type TemplateNews } from "./notices.ts";

const sql = namedQueries(
  text,
  "keepNotices",
  "pauseUsers",
  "setTemplates",
  "setNumbers",
  "upgradeNumbers",
  "setLimits",
  "haltAccounts",
  "learnNumbers",
);

/** Whose a notice is: owners other than 1 have it wait. */
export interface OwnedNotice {
  owners: number;
  organizationId: string | null;
  /** of news of a number */
  senderId: string | null;
  at: Date;
  isNews: boolean;
}

type Kept = OwnedNotice & { organizationId: string };
type News = Notice & Pick<Kept, "organizationId" | "senderId"> & { at: Date };

/**
 * Keeps what is told of accounts, numbers and templates, and does what it means: once, when it is new, so that a body that comes again does not
 * halt what a person has resumed. Campaigns pause first, since others lock them first.
 * @returns whose each is, in the order given
 */
export async function heedNotices(tx: Transaction, notices: readonly Notice[]): Promise<OwnedNotice[]> {
  if (notices.length === 0) return [];
  const kept = await tx.query<Kept>(sql.keepNotices, [
    notices.map(({ wabaId }) => wabaId),
    notices.map(({ phoneNumberId }) => phoneNumberId),
    notices.map(({ toldPhone }) => toldPhone),
    notices.map(({ field }) => field),
    notices.map(({ event }) => event),
    notices.map(({ message }) => message),
    notices.map(({ details }) => JSON.stringify(details)),
    notices.map(({ at }) => at),
    notices.map(({ halts }) => halts),
  ]);
  const news = kept.flatMap((row, n): News[] =>
    row.isNews
      ? [
          {
            ...(notices[n] as Notice),
            organizationId: row.organizationId,
            senderId: row.senderId,
            at: row.at,
          },
        ]
      : [],
  );
  await heedTemplates(tx, news);
  await heedNumbers(tx, news);
  const halts = news.filter((notice) => notice.halts);
  if (halts.length > 0)
    await tx.run(sql.haltAccounts, [...accounts(halts), halts.map(({ message }) => `Meta: ${message}`)]);
  return kept;
}

async function heedTemplates(tx: Transaction, news: readonly News[]): Promise<void> {
  const all = news.flatMap(({ template, ...rest }) =>
    template === undefined ? [] : [{ ...rest, template }],
  );
  if (all.length === 0) return;
  const bad = newestStatuses(all).filter(({ template }) => isSentNoMore(template.status));
  const of = (of: typeof all, key: keyof TemplateNews) => of.map(({ template }) => template[key]);
  const [organizations, times] = [all.map(({ organizationId }) => organizationId), all.map(({ at }) => at)];
  if (bad.length > 0)
    await tx.run(sql.pauseUsers, [
      bad.map(({ organizationId }) => organizationId),
      bad.map(({ wabaId }) => wabaId),
      of(bad, "name"),
      of(bad, "language"),
      bad.map(({ at }) => at),
      bad.map(({ message }) => `Meta: ${message}`),
    ]);
  await tx.run(sql.setTemplates, [
    organizations,
    of(all, "name"),
    of(all, "language"),
    times,
    of(all, "status"),
    of(all, "reason"),
    of(all, "quality"),
    of(all, "category"),
    of(all, "isStale"),
  ]);
}

/** Of each template: what was true before is no reason to pause. */
function newestStatuses<Of extends News & { template: TemplateNews }>(all: readonly Of[]): Of[] {
  const newest = new Map<string, Of>();
  for (const news of all.toSorted((a, b) => a.at.getTime() - b.at.getTime()))
    if (news.template.status !== null)
      newest.set(`${news.organizationId} ${news.template.name} ${news.template.language}`, news);
  return [...newest.values()];
}

async function heedNumbers(tx: Transaction, news: readonly News[]): Promise<void> {
  const numbers = news.filter(
    ({ senderId, quality, verifiedName }) => senderId !== null && (quality ?? verifiedName) !== null,
  );
  if (numbers.length > 0)
    await tx.run(sql.setNumbers, [
      numbers.map(({ senderId }) => senderId),
      numbers.map(({ at }) => at),
      numbers.map(({ quality }) => quality),
      numbers.map(({ verifiedName }) => verifiedName),
    ]);
  const upgraded = numbers.filter(({ event }) => event === "THROUGHPUT_UPGRADE");
  if (upgraded.length > 0)
    await tx.run(sql.upgradeNumbers, [
      upgraded.map(({ senderId }) => senderId),
      DEFAULT_THROUGHPUT,
      UPGRADED_THROUGHPUT,
    ]);
  const limits = news.filter(({ messagingLimit }) => messagingLimit !== undefined);
  if (limits.length > 0)
    await tx.run(sql.setLimits, [...accounts(limits), limits.map(({ messagingLimit }) => messagingLimit)]);
}

function accounts(news: readonly News[]): unknown[][] {
  return [
    news.map(({ organizationId }) => organizationId),
    news.map(({ wabaId }) => wabaId),
    news.map(({ at }) => at),
  ];
}

/** Remembers how numbers are shown, by their ids: digits by phone number id. */
export async function learnNumbers(tx: Transaction, shown: ReadonlyMap<string, string>): Promise<void> {
  if (shown.size > 0) await tx.run(sql.learnNumbers, [[...shown.keys()], [...shown.values()]]);
}
