import type { TargetAudience } from "../audience/audience.ts";
import type { DynamicLists, Parameter } from "../audience/compile.ts";
import { exclusions, targeted } from "../audience/condition.ts";
import { dynamicListsOf } from "../audience/dynamic-lists.ts";
import { partsOf } from "../audience/why-not.ts";
import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./preview.sql";

const sql = namedQueries(
  text,
  "countAudience",
  "sampleAudience",
  "countContacts",
  "standing",
  "circumstances",
);

/** What the sending will ask of each contact. */
export interface Gates {
  isMarketing: boolean;
  requireOptIn: boolean;
  /** only people who wrote in the last 24 hours */
  needsWindow: boolean;
  /** whether contacts are told apart by country, and by how much of their phone */
  byCountry: boolean;
  prefixLength: number;
}

/** People of the target who are alike in what a preview tells. */
export interface AudiencePart {
  /** by what they are kept out; null: they are in the audience */
  excluded: string | null;
  /** why they are skipped; null: they get it */
  reason: string | null;
  country: string | null;
  prefix: string;
  people: number;
}

/** The target counted, in one statement. As worker. */
export async function countAudience(
  tx: Transaction,
  organizationId: string,
  audience: TargetAudience,
  gates: Gates,
): Promise<AudiencePart[]> {
  const built = await conditionsOf(tx, organizationId, audience, gates);
  return tx.query(built.fill(sql.countAudience), built.parameters);
}

/** The ids of three who would get it, with what a message may say of them. */
export async function sampleAudience<R extends object>(
  tx: Transaction,
  organizationId: string,
  audience: TargetAudience,
  gates: Gates,
): Promise<R[]> {
  const built = await conditionsOf(tx, organizationId, audience, gates);
  return tx.query<R>(built.fill(sql.sampleAudience), built.parameters);
}

export async function countContacts(tx: Transaction, organizationId: string): Promise<number> {
  return (await tx.one<{ people: number }>(sql.countContacts, [organizationId]))?.people ?? 0;
}

/** Whether one contact is meant by an audience at this moment. */
export interface Standing {
  /** what the audience asks for and the contact does not meet, in words */
  lacks: string[];
  /** by what it is kept out, as a preview counts it; null: by nothing */
  excluded: string | null;
  /** another contact has become this one's: it is in no audience */
  isMerged: boolean;
}

/** One contact held against the audience, part by part. As worker. */
export async function standingOf(
  tx: Transaction,
  organizationId: string,
  audience: TargetAudience,
  contactId: string,
): Promise<Standing | undefined> {
  const parameters: unknown[] = [organizationId, contactId];
  const parameter = (value: unknown) => `$${parameters.push(value)}`;
  const lists = await dynamicListsOf(tx, organizationId, audience);
  const lacks = partsOf(audience, parameter, lists).map(
    ({ says, condition }) => `case when not ${condition} then ${parameter(says)}::text end`,
  );
  const query = sql.standing
    .replace("(LACKS)", () => `(array[${lacks.join(",\n")}]::text[])`)
    .replace("(EXCLUDED)", () => `(${excludedBy(audience, parameter, lists)})`);
  return tx.one(query, parameters);
}

/** The conditions in their places, and the values of the parameters. */
async function conditionsOf(tx: Transaction, organizationId: string, audience: TargetAudience, gates: Gates) {
  const { isMarketing, requireOptIn, needsWindow, byCountry, prefixLength } = gates;
  const parameters: unknown[] = [
    organizationId,
    isMarketing,
    requireOptIn,
    needsWindow,
    byCountry,
    prefixLength,
  ];
  const parameter = (value: unknown) => `$${parameters.push(value)}`;
  const lists = await dynamicListsOf(tx, organizationId, audience);
  const target = targeted(audience, parameter, lists);
  const excluded = excludedBy(audience, parameter, lists);
  return {
    parameters,
    fill: (query: string) =>
      query.replace("(TARGET)", () => `(${target})`).replace("(EXCLUDED)", () => `(${excluded})`),
  };
}

/** By what somebody is kept out, as SQL over `c`. */
function excludedBy(audience: TargetAudience, parameter: Parameter, lists: DynamicLists): string {
  const cases = exclusions(audience, parameter, lists).map(
    ({ reason, condition }) => `when ${condition} then ${parameter(reason)}::text`,
  );
  return cases.length === 0 ? "null::text" : `case ${cases.join("\n")} end`;
}

/** What holds the sender up now; undefined without one. */
export function circumstancesOf<R extends object>(
  tx: Transaction,
  organizationId: string,
  sender: string | null,
  campaignName: string,
): Promise<R | undefined> {
  return tx.one<R>(sql.circumstances, [organizationId, sender, campaignName]);
}
