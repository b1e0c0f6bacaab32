import type { Transaction } from "../../src/db/database.ts";

/** A table that holds rows of tenants, as the catalogue describes it. */
export interface TenantTable {
  name: string;
  /** the column that says whose a row is */
  tenant: "organization_id" | "id";
  /** columns that may be written at all */
  columns: string[];
  /** columns that operators may insert, and update */
  insertable: string[];
  updatable: string[];
}

/** Every tenant table of the database, by name. As owner. */
export function tenantTables(tx: Transaction): Promise<TenantTable[]> {
  return tx.query(
    `select c.relname as name, case c.relname when 'organizations' then 'id' else 'organization_id' end as tenant,
              array_agg(a.attname::text) filter (where a.attgenerated = '' and a.attidentity = '') as columns,
              coalesce(array_agg(a.attname::text) filter (where has_column_privilege('adsapp_operator', c.oid, a.attnum, 'insert')), '{}') as insertable,
              coalesce(array_agg(a.attname::text) filter (where has_column_privilege('adsapp_operator', c.oid, a.attnum, 'update')), '{}') as updatable
         from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
          and (c.relname = 'organizations' or exists (select from pg_attribute o where o.attrelid = c.oid and o.attname = 'organization_id'))
        group by c.oid, c.relname order by c.relname`,
  );
}
