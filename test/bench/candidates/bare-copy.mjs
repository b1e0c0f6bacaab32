// The floor of an import: rows that need no reading, by COPY into a temporary table, and one upsert. FILE, DATABASE_URL, ORGANIZATION
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import { from } from "pg-copy-streams";

const client = new pg.Client(process.env.DATABASE_URL);
await client.connect();
await client.query("begin");
await client.query(
  "create temporary table staged (phone text, first_name text, last_name text, email text, attributes jsonb) on commit drop",
);
await pipeline(createReadStream(process.argv[2]), client.query(from("copy staged from stdin")));
await client.query("analyze staged");
await client.query(
  `insert into contacts (organization_id, phone, first_name, last_name, email, attributes)
   select $1, phone, first_name, last_name, email, attributes from staged
   on conflict (organization_id, phone) do update
      set first_name = excluded.first_name, last_name = excluded.last_name, email = excluded.email,
          attributes = contacts.attributes || excluded.attributes, updated_at = adsapp_now()`,
  [process.env.ORGANIZATION],
);
await client.query("commit");
await client.end();
