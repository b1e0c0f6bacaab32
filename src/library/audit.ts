import { type Audit, audit as auditRows } from "../analytics/audit.ts";
import type { Database } from "../db/database.ts";
import { worker } from "../db/identity.ts";

/** Proves that the books balance, of every organization: what `adsapp audit` does. Changes nothing. */
export function audit(database: Database): Promise<Audit> {
  return database.transaction(worker, (tx) => auditRows(tx, null));
}
