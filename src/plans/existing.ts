import type { Campaign } from "../campaigns/campaign.ts";
import { listCampaigns } from "../campaigns/find.ts";
import type { Transaction } from "../db/database.ts";
import type { Drip } from "../drips/drip.ts";
import { listDrips } from "../drips/find.ts";
import { listRules, type Rule } from "../events/rules.ts";
import { listSenders, type Sender } from "../senders/senders.ts";
import { listTemplates, type Template } from "../templates/templates.ts";
import { type Definition, type DefinitionKind, nameOf } from "./folder.ts";

/** What there is by the names that a folder's files have (`nameOf`), and every sender that they may mean. */
export interface Existing {
  senders: readonly Sender[];
  templates: ReadonlyMap<string, Template>;
  drips: ReadonlyMap<string, Drip>;
  rules: ReadonlyMap<string, Rule>;
  campaigns: ReadonlyMap<string, Campaign>;
}

/** Read once for a whole folder: no two of its files have one name, so that none changes what another one finds here. As operator. */
export async function readExisting(
  tx: Transaction,
  organizationId: string,
  definitions: readonly Definition[],
): Promise<Existing> {
  const names = (kind: DefinitionKind) =>
    definitions.filter((each) => each.kind === kind).map(({ name }) => name);
  return {
    senders: await listSenders(tx, organizationId),
    templates: byName(await listTemplates(tx, organizationId), nameOf),
    drips: byName(await listDrips(tx, organizationId, undefined, names("drip"))),
    rules: byName(await listRules(tx, organizationId)),
    campaigns: byName(await listCampaigns(tx, organizationId, undefined, names("broadcast"))),
  };
}

function byName<T extends { name: string }>(
  rows: readonly T[],
  keyOf: (row: T) => string = ({ name }) => name,
): Map<string, T> {
  return new Map(rows.map((row) => [keyOf(row), row]));
}
