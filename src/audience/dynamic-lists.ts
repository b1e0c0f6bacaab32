import type { Transaction } from "../db/database.ts";
import type { TargetAudience } from "./audience.ts";
import { conditionSql, type DynamicLists, type Parameter } from "./compile.ts";
import { conditionSchema, listsIn } from "./condition-schema.ts";

/** The lists that an audience names: its own, the excluded ones, and those that its segment asks for. */
export function listsOf(audience: TargetAudience): string[] {
  return [
    ...(audience.type === "list" ? [audience.list] : []),
    ...(audience.type === "segment" ? listsIn(audience.where) : []),
    ...(audience.exclude?.lists ?? []),
  ];
}

/** Those of the audience's lists that are a condition. No statement where it names none. */
export function dynamicListsOf(
  tx: Transaction,
  organizationId: string,
  audience: TargetAudience,
): Promise<DynamicLists> {
  return dynamicLists(tx, organizationId, listsOf(audience));
}

/** Those of these lists that are a condition. No statement where none is named. */
export async function dynamicLists(
  tx: Transaction,
  organizationId: string,
  names: readonly string[],
): Promise<DynamicLists> {
  if (names.length === 0) return new Map();
  const found = await tx.query<{ name: string; filter: unknown }>(
    "select name, filter from contact_lists where organization_id = $1 and name = any ($2::text[]) and filter is not null",
    [organizationId, names],
  );
  return new Map(found.map(({ name, filter }) => [name, filterSql(filter)]));
}

/** What SQL wrote past the schema is left to the database, which answers for whatever it can read. */
export function filterSql(filter: unknown): (parameter: Parameter) => string {
  const read = conditionSchema.safeParse(filter);
  return (parameter) =>
    read.success
      ? conditionSql(read.data, parameter)
      : `adsapp_meets(c, ${parameter(JSON.stringify(filter))}::jsonb, null)`;
}
