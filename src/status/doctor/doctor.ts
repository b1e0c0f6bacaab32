import type { Config } from "../../config.ts";
import { Database } from "../../db/database.ts";
import { clusterFolders } from "../../db/embedded/folders.ts";
import { worker } from "../../db/identity.ts";
import { ExitCode, UserError } from "../../errors.ts";
import { broken, type Diagnosis, diagnosisOf, type Finding } from "./finding.ts";
import { diskFinding, nodeFinding } from "./host.ts";
import {
  inboxFinding,
  machineryOf,
  organizationFinding,
  tickFindings,
  webhookFindings,
} from "./machinery.ts";
import { rightsFindings, schemaFinding } from "./schema.ts";
import { checkedSenders, senderFindings } from "./senders.ts";
import { serverFindings } from "./server.ts";

export interface Patient {
  config: Config;
  env: NodeJS.ProcessEnv;
  /** starts the embedded one where DATABASE_URL is unset */
  databaseUrl(): Promise<string>;
  /** asked once the schema is known to be right; undefined: all organizations */
  organizationId(): Promise<string | undefined>;
  signal: AbortSignal;
}

/**
 * Looks at everything that sending needs, from this host outwards. What cannot be looked at because something before it is
 * broken is left out. It writes nothing.
 * @throws UserError (4) for an organization that does not exist
 */
export async function diagnose(patient: Patient): Promise<Diagnosis> {
  const { config } = patient;
  const isEmbedded = config.databaseUrl === undefined;
  const folder = isEmbedded ? dataFolder(config.home) : config.home;
  const host = [nodeFinding(), await diskFinding(folder, isEmbedded)];
  return diagnosisOf([...host, ...(await databaseFindings(patient))]);
}

/** Where it cannot be known, the database's own finding says why. */
function dataFolder(home: string): string {
  try {
    return clusterFolders(home).data;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return home;
  }
}

async function databaseFindings(patient: Patient): Promise<Finding[]> {
  const { config } = patient;
  let database: Database | undefined;
  try {
    const url = await patient.databaseUrl();
    const { workerDatabaseUrl: workerUrl, operatorDatabaseUrl: operatorUrl } = config;
    database = new Database({ url, workerUrl, operatorUrl, connectSeconds: 5 });
    const { findings } = await serverFindings(database);
    const schema = await schemaFinding(url);
    if (schema.verdict === "broken") return [...findings, schema];
    const rights = await rightsFindings(database, config);
    if (rights.some(({ check, verdict }) => check === "rights" && verdict === "broken"))
      return [...findings, schema, ...rights];
    return [...findings, schema, ...rights, ...(await workFindings(database, patient))];
  } catch (error) {
    if (!(error instanceof UserError) || error.exitCode === ExitCode.NotFound) throw error;
    return [broken("database", error.message, error.hint ?? "adsapp db status; DATABASE_URL names another")];
  } finally {
    await database?.close().catch(() => {});
  }
}

/** What is set up in the database, and whether the machinery around it turns. */
export async function workFindings(database: Database, patient: Patient): Promise<Finding[]> {
  const { config, env, signal } = patient;
  const id = await patient.organizationId();
  const { senders, machinery } = await database.transaction(worker, async (tx) => ({
    senders: await checkedSenders(tx, id),
    machinery: await machineryOf(tx, id),
  }));
  return [
    organizationFinding(machinery),
    ...(machinery.organizations === 0 ? [] : await senderFindings(senders, env, signal)),
    ...webhookFindings(senders, machinery, config, env),
    inboxFinding(machinery),
    ...tickFindings(machinery),
  ];
}
