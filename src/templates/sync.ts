import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { ExitCode, UserError } from "../errors.ts";
import { refuseViewer } from "../organizations/viewer.ts";
import type { Sender } from "../senders/senders.ts";
import { senderToken } from "../senders/token.ts";
import { type Account, type ListedTemplate, templatesOf } from "./account.ts";
import { bodyVariables, parameterFormatOf } from "./components.ts";
import type { Component } from "./definition.ts";
import text from "./sync.sql";

const sql = namedQueries(text, "syncTemplates", "rememberSync");

/** What became of one template, by name and language. */
export interface SyncedTemplate {
  action: "created" | "updated" | "unchanged" | "gone";
  name: string;
  language: string;
  category: string;
  status: string;
  /** null: it was not known */
  statusBefore: string | null;
  quality: string | null;
  rejectedReason: string | null;
  wabaId: string;
  /** of an updated one: status, category, components, quality, rejectedReason, account */
  changed: string[];
}

/** What an account answered. */
export interface AccountTemplates {
  wabaId: string;
  templates: ListedTemplate[];
}

export interface Asked {
  answered: AccountTemplates[];
  faults: UserError[];
  /** senders and templates that were left out, and why */
  warnings: string[];
}

/**
 * Asks every account of the organization for its templates, one after the other. One that fails does not keep the
 * others from being asked.
 * @param senders the organization's
 * @throws UserError (1) when no sender has an account
 */
export async function askAccounts(
  senders: readonly Sender[],
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Asked> {
  const cloud = senders.filter(({ provider }) => provider === "whatsapp-cloud");
  const strays = cloud
    .filter(({ wabaId }) => wabaId === null)
    .map(({ name }) => `sender "${name}" has no --waba-id`);
  const byAccount = new Map<string, Sender>();
  for (const sender of [...cloud].sort((a, b) => Number(b.isDefault) - Number(a.isDefault)))
    if (sender.wabaId !== null && !byAccount.has(sender.wabaId)) byAccount.set(sender.wabaId, sender);
  if (byAccount.size === 0) {
    throw new UserError("no sender has a WhatsApp Business Account to ask for templates", {
      hint: "adsapp sender add NAME --waba-id ID; without an account: adsapp template add -f FILE",
      exitCode: ExitCode.Failed,
    });
  }
  const asked: Asked = { answered: [], faults: [], warnings: strays };
  for (const [wabaId, sender] of byAccount) {
    try {
      const account = accountOf(wabaId, sender, env);
      asked.answered.push({ wabaId, templates: await templatesOf(account, signal) });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      asked.faults.push(error);
    }
  }
  return asked;
}

function accountOf(wabaId: string, sender: Sender, env: NodeJS.ProcessEnv): Account {
  return { wabaId, apiUrl: sender.apiUrl ?? "", sender: sender.name, token: senderToken(sender, env) };
}

/**
 * Writes what the accounts list, in one statement: new ones, changed ones, and `DELETED` for those of theirs that are gone.
 * Templates that were added by hand stay. As operator.
 * @param options.dryRun changes nothing @returns every template of theirs and what became of it @throws UserError (5) for viewers
 */
export async function saveSynced(
  tx: Transaction,
  organizationId: string,
  answered: readonly AccountTemplates[],
  options: { dryRun: boolean },
): Promise<{ templates: SyncedTemplate[]; warnings: string[] }> {
  await refuseViewer(tx);
  const { rows, warnings } = rowsOf(answered);
  await tx.run("savepoint sync");
  const accounts = answered.map(({ wabaId }) => wabaId);
  await tx.run(sql.rememberSync, [organizationId, accounts]);
  const templates = await tx.query<SyncedTemplate>(sql.syncTemplates, [
    organizationId,
    accounts,
    rows.map((row) => row.wabaId),
    rows.map((row) => row.id),
    rows.map((row) => row.name),
    rows.map((row) => row.language),
    rows.map((row) => row.category),
    rows.map((row) => row.status),
    rows.map((row) => formatOf(row)),
    rows.map((row) => JSON.stringify(row.components)),
    rows.map((row) => JSON.stringify(bodyVariables(row.components as Component[]))),
    rows.map((row) => row.quality_score?.score ?? null),
    rows.map((row) => (row.rejected_reason === "NONE" ? null : (row.rejected_reason ?? null))),
  ]);
  if (options.dryRun) await tx.run("rollback to savepoint sync");
  return { templates, warnings };
}

type Row = ListedTemplate & { wabaId: string };

/** One row a name and language; what the table cannot hold is left out. */
function rowsOf(answered: readonly AccountTemplates[]): { rows: Row[]; warnings: string[] } {
  const rows = new Map<string, Row>();
  const warnings: string[] = [];
  for (const { wabaId, templates } of answered) {
    for (const template of templates) {
      const key = `${template.name} ${template.language}`;
      const fault = faultOf(template);
      const other = rows.get(key);
      if (fault !== undefined)
        warnings.push(`template "${template.name}" (${template.language}) is left out: ${fault}`);
      else if (other === undefined) rows.set(key, { ...template, wabaId });
      else if (other.wabaId !== wabaId)
        warnings.push(
          `template "${template.name}" (${template.language}) is in two accounts: that of ${other.wabaId} is kept`,
        );
    }
  }
  return { rows: [...rows.values()], warnings };
}

function faultOf({ name, language, category }: ListedTemplate): string | undefined {
  if (!/^[a-z0-9_]{1,512}$/.test(name)) return "its name is not made of a–z, 0–9 and underscores";
  if (!/^[a-z]{2,3}(_[A-Z]{2})?$/.test(language)) return "its language is not a code such as nl or en_US";
  return ["MARKETING", "UTILITY", "AUTHENTICATION"].includes(category)
    ? undefined
    : `its category is ${category}`;
}

/** Old ones may not say: by their variables then (reference §6). */
function formatOf({ parameter_format: format, components }: ListedTemplate): string {
  return format === "NAMED" || format === "POSITIONAL"
    ? format
    : parameterFormatOf(components as Component[]);
}
