import { nearest } from "../cli/near.ts";
import type { Transaction } from "../db/database.ts";
import { ExitCode, notFound, UserError } from "../errors.ts";
import { refuseAllButAdmins } from "../organizations/viewer.ts";
import { DEFAULT_THROUGHPUT, throughputFaults, UPGRADED_THROUGHPUT } from "./check.ts";

/** A WhatsApp number of an organization. The token itself is never stored: only where it is found. */
export interface Sender {
  id: string;
  name: string;
  provider: "whatsapp-cloud" | "log";
  phoneNumberId: string | null;
  /** the number that people dial, E.164; links to a chat need it */
  displayPhone: string | null;
  wabaId: string | null;
  verifiedName: string | null;
  /** the last event of phone_number_quality_update, and when */
  quality: string | null;
  qualityAt: Date | null;
  portfolio: string | null;
  /** the portfolio's, in unique people in a rolling 24 h; null: unlimited */
  messagingLimit: number | null;
  /** what a person allows, where that is set: of this and Meta's the lower one is the messaging limit */
  ownLimit: number | null;
  apiUrl: string | null;
  tokenEnv: string | null;
  tokenFile: string | null;
  appSecretEnv: string | null;
  throughputPerSecond: number;
  isDefault: boolean;
  state: "active" | "slowed" | "halted";
  haltReason: string | null;
  haltedAt: Date | null;
  /** slowed: since when, until when, and before which time nobody takes the lane */
  slowedAt: Date | null;
  fullRateAt: Date | null;
  restsUntil: Date | null;
  laneHolder: string | null;
  laneExpiresAt: Date | null;
  createdAt: Date;
}

export interface NewSender {
  name: string;
  provider: Sender["provider"];
  phoneNumberId?: string | undefined;
  wabaId?: string | undefined;
  portfolio: string;
  /** sets the portfolio's; null: unlimited; undefined: leaves it */
  messagingLimit?: number | null | undefined;
  apiUrl?: string | undefined;
  tokenEnv?: string | undefined;
  tokenFile?: string | undefined;
  appSecretEnv?: string | undefined;
  throughput: number;
  isDefault: boolean;
}

const ADMINS_WORK = "adds and changes senders";

const SELECT = `select s.id, s.name, s.provider, s.phone_number_id, coalesce(s.display_phone, '+' || s.told_phone) as display_phone, s.waba_id, s.verified_name, s.quality, s.quality_at, p.name as portfolio, p.messaging_limit, p.own_limit, s.api_url, s.token_env, s.token_file,
  s.app_secret_env, s.throughput_per_second, s.is_default,
  case when s.state = 'slowed' and s.full_rate_at <= adsapp_now() then 'active' else s.state end as state,
  case when s.state = 'slowed' then s.slowed_at end as slowed_at, case when s.state = 'slowed' then s.full_rate_at end as full_rate_at,
  case when s.state = 'slowed' then s.rests_until end as rests_until, s.halt_reason, s.halted_at, s.lane_holder, s.lane_expires_at, s.created_at
  from senders s left join portfolios p on p.id = s.portfolio_id and p.organization_id = s.organization_id`;

/**
 * Adds a sender; the organization's first one becomes its default. As operator.
 * @param ifNotExists answer an existing one that is alike
 * @throws UserError (1) when the name or the number is taken, or the existing one differs, (5) for others than admins
 */
export async function addSender(
  tx: Transaction,
  organizationId: string,
  wanted: NewSender,
  ifNotExists: boolean,
): Promise<Sender> {
  await refuseAllButAdmins(tx, ADMINS_WORK);
  const existing = await senderByName(tx, organizationId, wanted.name);
  if (existing !== undefined) return alike(existing, wanted, ifNotExists);
  await refuseTakenNumber(tx, organizationId, wanted);
  await tx.run(
    "insert into portfolios (organization_id, name) values ($1, $2) on conflict (organization_id, name) do nothing",
    [organizationId, wanted.portfolio],
  );
  if (wanted.messagingLimit !== undefined)
    await limitPortfolio(tx, organizationId, wanted.portfolio, wanted.messagingLimit);
  if (wanted.isDefault)
    await tx.run("update senders set is_default = false where organization_id = $1 and is_default", [
      organizationId,
    ]);
  await tx.run(
    `insert into senders (organization_id, portfolio_id, name, provider, api_url, phone_number_id, waba_id, token_env, token_file, app_secret_env,
                          throughput_per_second, is_default)
     select $1, p.id, $3, $4, $5, $6, $7, $8, $9, $10, $11,
            $12 or not exists (select from senders d where d.organization_id = $1 and d.is_default)
       from portfolios p where p.organization_id = $1 and p.name = $2`,
    [
      organizationId,
      wanted.portfolio,
      wanted.name,
      wanted.provider,
      ...columns(wanted),
      wanted.throughput,
      wanted.isDefault,
    ],
  );
  return findSender(tx, organizationId, wanted.name);
}

export function listSenders(tx: Transaction, organizationId: string): Promise<Sender[]> {
  return tx.query(`${SELECT} where s.organization_id = $1 order by s.name`, [organizationId]);
}

/** By name or id. @throws UserError (4) with near names */
export async function findSender(tx: Transaction, organizationId: string, nameOrId: string): Promise<Sender> {
  const found = await tx.one<Sender>(
    `${SELECT} where s.organization_id = $1 and (s.name = $2 or s.id::text = $2)`,
    [organizationId, nameOrId],
  );
  return found ?? senderNamed(await listSenders(tx, organizationId), nameOrId);
}

/** The same of an organization's senders that are read already. @throws UserError (4) with near names */
export function senderNamed(senders: readonly Sender[], nameOrId: string): Sender {
  const found = senders.find(({ id, name }) => name === nameOrId || id === nameOrId);
  if (found !== undefined) return found;
  const names = senders.map(({ name }) => name);
  throw notFound("sender", nameOrId, nearest(nameOrId, names));
}

/** Sets the messaging limit of a sender's portfolio. As operator. @throws UserError (4) unknown, (1) without a portfolio, (5) for others than admins */
export async function setMessagingLimit(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
  limit: number | null,
): Promise<Sender> {
  await refuseAllButAdmins(tx, ADMINS_WORK);
  const sender = await findSender(tx, organizationId, nameOrId);
  if (sender.portfolio === null)
    throw new UserError(`sender "${sender.name}" has no portfolio`, { exitCode: ExitCode.Failed });
  await limitPortfolio(tx, organizationId, sender.portfolio, limit);
  return findSender(tx, organizationId, sender.id);
}

/** Sets the number that people dial, E.164. As operator. @throws UserError (4) unknown, (2) for the phone, (5) for others than admins */
export async function setDisplayPhone(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
  phone: string,
): Promise<Sender> {
  await refuseAllButAdmins(tx, ADMINS_WORK);
  const plain = phone.replace(/[\s().-]/g, "");
  if (!/^\+[1-9]\d{6,14}$/.test(plain))
    throw new UserError(
      `--display-phone takes a number with its country, such as +31201234567; not "${phone}"`,
    );
  const sender = await findSender(tx, organizationId, nameOrId);
  await tx.run("update senders set display_phone = $3 where id = $1 and organization_id = $2", [
    sender.id,
    organizationId,
    plain,
  ]);
  return findSender(tx, organizationId, sender.id);
}

/** Sets how many messages a second the sender sends. As operator. @throws UserError (4) unknown, (2) for the rate, (5) for others than admins */
export async function setThroughput(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
  perSecond: number,
): Promise<Sender> {
  await refuseAllButAdmins(tx, ADMINS_WORK);
  const [fault] = throughputFaults(perSecond);
  if (fault !== undefined) throw new UserError(fault);
  const sender = await findSender(tx, organizationId, nameOrId);
  await tx.run("update senders set throughput_per_second = $3 where id = $1 and organization_id = $2", [
    sender.id,
    organizationId,
    perSecond,
  ]);
  return findSender(tx, organizationId, sender.id);
}

/** A person's limit holds at once; of what Meta tells later the lower one counts. */
async function limitPortfolio(
  tx: Transaction,
  organizationId: string,
  portfolio: string,
  limit: number | null,
): Promise<void> {
  await tx.run(
    "update portfolios set messaging_limit = $3, own_limit = $3 where organization_id = $1 and name = $2",
    [organizationId, portfolio, limit],
  );
}

/** Lets a halted sender send again. As operator. @throws UserError (4) unknown, (1) when it is not halted, (5) for others than admins */
export async function resumeSender(
  tx: Transaction,
  organizationId: string,
  nameOrId: string,
): Promise<Sender> {
  await refuseAllButAdmins(tx, ADMINS_WORK);
  const sender = await findSender(tx, organizationId, nameOrId);
  if (sender.state !== "halted")
    throw new UserError(`sender "${sender.name}" is ${sender.state}, not halted`, {
      exitCode: ExitCode.Failed,
    });
  await tx.run(
    "update senders set state = 'active', halt_reason = null, halted_at = null where id = $1 and organization_id = $2",
    [sender.id, organizationId],
  );
  return findSender(tx, organizationId, sender.id);
}

function senderByName(tx: Transaction, organizationId: string, name: string): Promise<Sender | undefined> {
  return tx.one(`${SELECT} where s.organization_id = $1 and s.name = $2`, [organizationId, name]);
}

async function refuseTakenNumber(tx: Transaction, organizationId: string, wanted: NewSender): Promise<void> {
  const other = await tx.one<{ name: string }>(
    "select name from senders where organization_id = $1 and phone_number_id = $2",
    [organizationId, wanted.phoneNumberId ?? null],
  );
  if (other !== undefined)
    throw new UserError(`sender "${other.name}" has this phone number id already`, {
      exitCode: ExitCode.Failed,
    });
}

function alike(existing: Sender, wanted: NewSender, ifNotExists: boolean): Sender {
  const isUpgraded =
    existing.throughputPerSecond === UPGRADED_THROUGHPUT && wanted.throughput === DEFAULT_THROUGHPUT;
  const pairs: [string, unknown, unknown][] = [
    ["provider", existing.provider, wanted.provider],
    ["phone number id", existing.phoneNumberId, wanted.phoneNumberId ?? null],
    ["WABA id", existing.wabaId, wanted.wabaId ?? null],
    ["API URL", existing.apiUrl, wanted.apiUrl ?? null],
    ["token variable", existing.tokenEnv, wanted.tokenEnv ?? null],
    ["token file", existing.tokenFile, wanted.tokenFile ?? null],
    ["app secret variable", existing.appSecretEnv, wanted.appSecretEnv ?? null],
    ["portfolio", existing.portfolio, wanted.portfolio],
    [
      "messaging limit",
      existing.ownLimit,
      wanted.messagingLimit === undefined ? existing.ownLimit : wanted.messagingLimit,
    ],
    [
      "throughput",
      existing.throughputPerSecond,
      isUpgraded ? existing.throughputPerSecond : wanted.throughput,
    ],
  ];
  const differs = pairs
    .filter(([, is, should]) => is !== should)
    .map(([what, is]) => `${what} ${is ?? "not set"}`);
  if (wanted.isDefault && !existing.isDefault) differs.push("another default");
  if (ifNotExists && differs.length === 0) return existing;
  const how = differs.length > 0 ? ` with ${differs.join(", ")}` : "";
  throw new UserError(`sender "${wanted.name}" exists${how}`, {
    hint: "--if-not-exists accepts one that is alike.",
    exitCode: ExitCode.Failed,
  });
}

function columns(wanted: NewSender): unknown[] {
  return [
    wanted.apiUrl ?? null,
    wanted.phoneNumberId ?? null,
    wanted.wabaId ?? null,
    wanted.tokenEnv ?? null,
    wanted.tokenFile ?? null,
    wanted.appSecretEnv ?? null,
  ];
}
