import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ExitCode, UserError } from "../errors.ts";
import { listMigrations, type Migration } from "./migration-files.ts";
import { sessionSettings, withheld } from "./migration-script.ts";
import { MIGRATIONS_TABLE, migrationChecksum, migrationSql } from "./migrations.ts";

export interface ExportedFile {
  file: string;
  /** false: it was there, as this program would write it */
  written: boolean;
}

/** `20261127100000_adsapp_001_ground.sql` */
const NAME = /^(\d{14})_(?:adsapp_(\d{3}_\w+)|.*)\.sql$/;

/**
 * Writes adsapp's migrations as those of a Supabase project, for `supabase db push`. Files of an earlier export stay as they are;
 * new ones come after every file that is there. Each writes its row for `migrate status`, as `migrate up` would have.
 * @param project the folder that holds supabase/
 * @param now the version of the first file, by its second in UTC; each further one is a second later
 * @throws UserError when the folder is missing, or a file of an earlier export is not what it was
 */
export function exportForSupabase(project: string, now: Date, folder?: string): ExportedFile[] {
  if (statSync(project, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UserError(`there is no folder ${project}`, {
      hint: "Name the folder of the project: the one that holds supabase/.",
    });
  const target = join(project, "supabase", "migrations");
  mkdirSync(target, { recursive: true });
  const there = readdirSync(target).flatMap((file) => {
    const [, version = "", name] = NAME.exec(file) ?? [];
    return version === "" ? [] : [{ file, version, name }];
  });
  const last =
    there
      .map(({ version }) => version)
      .sort()
      .at(-1) ?? "";
  const versions = versionsFrom(now, last);
  const files = listMigrations(folder).map((migration) => {
    const earlier = there.find(({ name }) => name === migration.name);
    const version = earlier?.version ?? (versions.next().value as string);
    const file = join(target, earlier?.file ?? `${version}_adsapp_${migration.name}.sql`);
    return { file, text: fileOf(migration, version), written: earlier === undefined };
  });
  const edited = files.find(({ file, text, written }) => !written && readFileSync(file, "utf8") !== text);
  if (edited !== undefined)
    throw new UserError(`${edited.file} is not as adsapp writes it`, {
      hint: "Nothing was written. Restore it, or use the adsapp that exported it; a change of your own belongs in a file of your own.",
      exitCode: ExitCode.Failed,
    });
  for (const { file, text, written } of files) if (written) writeFileSync(file, text, { flag: "wx" });
  return files.map(({ file, written }) => ({ file, written }));
}

/** Seconds of UTC as Supabase writes versions, each after all that is there. */
function* versionsFrom(now: Date, last: string): Generator<string> {
  const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(last) ?? [];
  const after =
    y === undefined ? 0 : Date.UTC(+y, Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s)) + 1_000;
  for (let at = Math.max(now.getTime(), after); ; at += 1_000)
    yield new Date(at).toISOString().slice(0, 19).replace(/[-T:]/g, "");
}

function fileOf(migration: Migration, version: string): string {
  const { set, reset } = sessionSettings();
  return `-- adsapp, ${migration.name}: written by adsapp migrate export. Do not edit: adsapp compares it with its own.
${set}
${refuseTwice(migration.name, version)}
${withheld(`${ownTable(migration)}${migrationSql(migration, "up").trimEnd()}\n`)}
insert into public.${MIGRATIONS_TABLE} (name, batch, migration_time, checksum)
  select '${migration.name}', coalesce(max(batch), 0) + 1, now(), '${migrationChecksum(migration)}' from public.${MIGRATIONS_TABLE};
${reset}
`;
}

function refuseTwice(name: string, version: string): string {
  return `do $$ begin
  if to_regclass('public.${MIGRATIONS_TABLE}') is not null then
    if exists (select from public.${MIGRATIONS_TABLE} where name = '${name}') then
      raise exception 'adsapp migrate up has run ${name} on this database already' using hint = 'supabase migration repair --status applied ${version}';
    end if;
  end if;
end $$;`;
}

/** The tables in which adsapp (knex) keeps what has run; the first file makes them. */
function ownTable(migration: Migration): string {
  if (!migration.name.startsWith("001_")) return "";
  return `create table if not exists public.${MIGRATIONS_TABLE} (id serial primary key, name varchar(255), batch integer, migration_time timestamptz, checksum text);
create table if not exists public.${MIGRATIONS_TABLE}_lock (index serial primary key, is_locked integer);
insert into public.${MIGRATIONS_TABLE}_lock (is_locked) select 0 where not exists (select from public.${MIGRATIONS_TABLE}_lock);
`;
}
