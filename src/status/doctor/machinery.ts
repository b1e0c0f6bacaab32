import type { Config } from "../../config.ts";
import { readSecret } from "../../config.ts";
import type { Transaction } from "../../db/database.ts";
import { namedQueries } from "../../db/queries.ts";
import text from "./doctor.sql";
import { broken, type Finding, ok, warn } from "./finding.ts";
import type { CheckedSender } from "./senders.ts";

const sql = namedQueries(text, "machinery");

/** What belongs to no organization: ticks and webhook bodies. */
export interface Machinery {
  organizations: number;
  /** null: none ever */
  lastTickAt: Date | null;
  /** the last one is more than five minutes ago */
  isSilent: boolean | null;
  /** of the last day, those in which none began; null: none ever */
  missedMinutes: number | null;
  error: string | null;
  lastBodyAt: Date | null;
  waiting: number;
  /** the oldest waits for more than five minutes */
  isLate: boolean | null;
  failed: number;
  failure: string | null;
}

/** As worker. */
export async function machineryOf(tx: Transaction, organizationId: string | undefined): Promise<Machinery> {
  return (await tx.one<Machinery>(sql.machinery, [organizationId ?? null])) as Machinery;
}

export function organizationFinding({ organizations }: Machinery): Finding {
  return organizations === 0
    ? broken("organization", "there is none", 'adsapp org create "Bakkerij Jansen" --slug jansen')
    : ok("organization", organizations === 1 ? "there is one" : `there are ${organizations}`);
}

export function tickFindings({ lastTickAt, isSilent, missedMinutes, error }: Machinery): Finding[] {
  const mend = "put this into cron: adsapp crontab";
  if (lastTickAt === null) return [broken("ticks", "none has run yet", mend)];
  if (isSilent === true) return [broken("ticks", `none since ${lastTickAt.toISOString()}`, mend)];
  const missed = missedMinutes ?? 0;
  return [
    missed > 0
      ? warn(
          "ticks",
          `${missed} minutes of the last day had none`,
          "adsapp ticks says when; more than one host may run them",
        )
      : ok("ticks", "each minute of the last day had one"),
    ...(error === null
      ? []
      : [broken("tick", `the last one failed: ${error}`, "adsapp ticks; adsapp tick --verbose")]),
  ];
}

export function inboxFinding({ waiting, isLate, failed, failure }: Machinery): Finding {
  if (failed > 0)
    return warn(
      "inbox",
      `${failed} webhook bodies could not be applied: ${failure}`,
      "adsapp webhook replay",
    );
  return isLate === true
    ? broken(
        "inbox",
        `${waiting} webhook bodies wait, for more than five minutes`,
        "adsapp tick --only inbox",
      )
    : ok("inbox", `${waiting} webhook bodies wait`);
}

/** Statuses, replies and opt-outs come in by webhooks alone. */
export function webhookFindings(
  senders: readonly CheckedSender[],
  { lastBodyAt }: Machinery,
  config: Config,
  env: NodeJS.ProcessEnv,
): Finding[] {
  const cloud = senders.filter(({ provider }) => provider === "whatsapp-cloud");
  if (cloud.length === 0) return [ok("webhooks", "none are needed: no sender uses the Cloud API")];
  return [...cloud.map(silenceFinding(lastBodyAt)), secretFinding(cloud, config, env)];
}

function silenceFinding(lastBodyAt: Date | null): (sender: CheckedSender) => Finding {
  return ({ subject, lastSentAt, lastStatusAt, isSilent }) => {
    const check = "webhooks";
    const mend =
      "adsapp webhook serve, and its address as the callback of the app at Meta (docs/guide/webhooks.md)";
    if (isSilent)
      return broken(
        check,
        `it sent until ${lastSentAt?.toISOString()}, and no status came since ${lastStatusAt?.toISOString() ?? "ever"}`,
        mend,
        subject,
      );
    if (lastBodyAt === null) return warn(check, "none was ever seen", mend, subject);
    return ok(check, `the last one came ${(lastStatusAt ?? lastBodyAt).toISOString()}`, subject);
  };
}

/** On the host that serves them; elsewhere it need not be known. */
function secretFinding(senders: readonly CheckedSender[], config: Config, env: NodeJS.ProcessEnv): Finding {
  const check = "webhook_secret";
  const lacking = senders.filter(
    ({ appSecretEnv }) =>
      config.webhookAppSecret === undefined && (appSecretEnv === null || !isReadable(env, appSecretEnv)),
  );
  if (lacking.length > 0)
    return warn(
      check,
      `this host knows no app secret for ${lacking.map(({ subject }) => subject).join(", ")}: it would take none of their webhooks`,
      "where adsapp webhook serve runs: ADSAPP_WEBHOOK_APP_SECRET (or ADSAPP_WEBHOOK_APP_SECRET_FILE)",
    );
  return config.webhookVerifyToken === undefined
    ? warn(
        check,
        "no verify token: Meta cannot verify the callback",
        "where adsapp webhook serve runs: ADSAPP_WEBHOOK_VERIFY_TOKEN",
      )
    : ok(check, "app secret and verify token are there");
}

function isReadable(env: NodeJS.ProcessEnv, name: string): boolean {
  try {
    return readSecret(env, name) !== undefined;
  } catch {
    return false;
  }
}
