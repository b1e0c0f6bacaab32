import type { Transaction } from "../../db/database.ts";
import { namedQueries } from "../../db/queries.ts";
import { UserError } from "../../errors.ts";
import { withDeadline } from "../../http/deadline.ts";
import { senderToken } from "../../senders/token.ts";
import { type NumberState, numberOf } from "../../templates/account.ts";
import text from "./doctor.sql";
import { broken, type Finding, ok, warn } from "./finding.ts";
import { skewFinding } from "./server.ts";

const sql = namedQueries(text, "senders");

/** A sender, and what was heard of it. */
export interface CheckedSender {
  /** organization/name */
  subject: string;
  name: string;
  provider: "whatsapp-cloud" | "log";
  state: "active" | "slowed" | "halted";
  haltReason: string | null;
  apiUrl: string | null;
  phoneNumberId: string | null;
  wabaId: string | null;
  tokenEnv: string | null;
  tokenFile: string | null;
  appSecretEnv: string | null;
  displayPhone: string | null;
  /** another organization has entered its number too; false where one organization is looked at */
  isShared: boolean;
  templatesSyncedAt: Date | null;
  isStale: boolean | null;
  hasStaleTemplates: boolean;
  lastSentAt: Date | null;
  lastStatusAt: Date | null;
  /** it sent for an hour and more since a status came */
  isSilent: boolean;
}

const PATIENCE_MS = 10_000;

/** As worker. @param organizationId undefined: those of all */
export function checkedSenders(
  tx: Transaction,
  organizationId: string | undefined,
): Promise<CheckedSender[]> {
  return tx.query(sql.senders, [organizationId ?? null]);
}

/** Each sender: whether it sends, and what Meta says of its number with its token. One request a sender, all at once. */
export async function senderFindings(
  senders: readonly CheckedSender[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Finding[]> {
  if (senders.length === 0)
    return [
      broken(
        "sender",
        "there is none",
        "adsapp sender add NAME --phone-number-id … (or --provider log, to try)",
      ),
    ];
  return (await Promise.all(senders.map((sender) => findingsOf(sender, env, signal)))).flat();
}

async function findingsOf(
  sender: CheckedSender,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Finding[]> {
  return [...ownerFindings(sender), ...(await sendingFindings(sender, env, signal))];
}

/** What people write belongs to the one organization that has the number. */
function ownerFindings({ subject, isShared }: CheckedSender): Finding[] {
  if (!isShared) return [];
  const mend =
    "delete the sender of the organization whose number it is not (SQL, as its admin), then: adsapp webhook replay";
  return [
    broken(
      "number",
      "another organization has entered it too: what people write to it, STOP too, waits in the inbox",
      mend,
      subject,
    ),
  ];
}

async function sendingFindings(
  sender: CheckedSender,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Finding[]> {
  const { subject, provider } = sender;
  if (provider === "log")
    return [stateFinding(sender), ok("token", "none is needed: it writes to a log", subject)];
  try {
    const token = senderToken(sender, env);
    const account = { wabaId: sender.wabaId ?? "", apiUrl: sender.apiUrl ?? "", sender: sender.name, token };
    const number = await withDeadline(signal, PATIENCE_MS, (deadline) =>
      numberOf(account, sender.phoneNumberId ?? "", deadline),
    );
    return [stateFinding(sender), ...numberFindings(sender, number), templatesFinding(sender)];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const mend = error.hint ?? `look at ${sender.apiUrl} from this host, then: adsapp doctor`;
    return [stateFinding(sender), broken("token", error.message, mend, subject), templatesFinding(sender)];
  }
}

function stateFinding({ subject, name, state, haltReason }: CheckedSender): Finding {
  if (state === "halted")
    return broken(
      "sender",
      `is halted: ${haltReason}`,
      `mend the cause, then: adsapp sender resume "${name}"`,
      subject,
    );
  return state === "slowed"
    ? ok("sender", "sends; Meta asked it to slow down a while ago", subject)
    : ok("sender", "sends", subject);
}

function numberFindings({ subject, displayPhone: own }: CheckedSender, number: NumberState): Finding[] {
  const { displayPhone, verifiedName, quality, saidAt } = number;
  const found = `the token is taken; the number is ${displayPhone}${verifiedName === null ? "" : ` (${verifiedName})`}`;
  const isOther = own !== null && digits(own) !== digits(displayPhone);
  const clock =
    saidAt === null
      ? []
      : [skewFinding("clock", "the API's clock", (saidAt.getTime() - Date.now()) / 1000, subject)];
  return [
    isOther
      ? warn(
          "token",
          `${found}, and the sender says ${own}`,
          "compare --phone-number-id with Meta's list",
          subject,
        )
      : ok("token", found, subject),
    qualityFinding(subject, quality),
    ...clock,
  ];
}

function digits(phone: string): string {
  return phone.replace(/\D/g, "");
}

function qualityFinding(subject: string, quality: string | null): Finding {
  const found = `Meta's rating of the number is ${quality ?? "not known"}`;
  return quality === "RED" || quality === "YELLOW"
    ? warn(
        "quality",
        found,
        "send less, to people who want it: adsapp report failures, adsapp report campaigns",
        subject,
      )
    : ok("quality", found, subject);
}

function templatesFinding({
  subject,
  wabaId,
  templatesSyncedAt,
  isStale,
  hasStaleTemplates,
}: CheckedSender): Finding {
  const check = "templates";
  const mend = "adsapp template sync";
  if (wabaId === null)
    return warn(
      check,
      "no --waba-id: its templates cannot be synced",
      "adsapp sender add with --waba-id",
      subject,
    );
  if (templatesSyncedAt === null) return warn(check, "were never synced", mend, subject);
  if (hasStaleTemplates) return warn(check, "one was changed at Meta since the last sync", mend, subject);
  const found = `were synced ${templatesSyncedAt.toISOString()}`;
  return isStale === true ? warn(check, found, mend, subject) : ok(check, found, subject);
}
