// Databases without a schema, and folders with part of the migrations or changed ones.
import { randomBytes } from "node:crypto";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { inject, onTestFinished } from "vitest";
import { embeddedUrl } from "../../src/db/embedded/index.ts";
import { listMigrations } from "../../src/db/migration-files.ts";
import type { TestCluster, TestDatabase } from "../support/cluster.ts";
import { createTestDatabase } from "../support/database.ts";

export const NAMES = listMigrations().map(({ name }) => name);

export interface MigratingDatabase {
  url: string;
  /** the rows of a statement, run by a superuser */
  query<R extends object>(sql: string, parameters?: unknown[]): Promise<R[]>;
  /** a session of one's own, for locks */
  session(): Promise<pg.Client>;
  /** ends all of these sessions; `query` opens a new one */
  leave(): Promise<void>;
}

/** A fresh database, dropped when the test ends. @param owner a login of the cluster; a superuser's without one */
export async function makeEmptyDatabase(
  owner?: string,
  cluster: TestCluster = inject("cluster"),
): Promise<MigratingDatabase> {
  const name = `m_${randomBytes(6).toString("hex")}`;
  await asSuperuser(cluster, `create database ${name} ${owner === undefined ? "" : `owner ${owner}`}`);
  const drop = () => asSuperuser(cluster, `drop database ${name} with (force)`);
  return forThisTest(cluster, { name, url: urlOf(cluster, name, owner), drop });
}

/** One with the schema of this program, likewise. */
export async function makeMigratedDatabase(): Promise<MigratingDatabase> {
  return forThisTest(inject("cluster"), await createTestDatabase());
}

function forThisTest(cluster: TestCluster, { name, url, drop }: TestDatabase): MigratingDatabase {
  const sessions: pg.Client[] = [];
  let main: Promise<pg.Client> | undefined;
  const leave = async () => {
    main = undefined;
    await Promise.all(sessions.splice(0).map((client) => client.end()));
  };
  onTestFinished(async () => {
    await leave();
    await drop();
  });
  const session = async () => {
    const client = new pg.Client({ ...cluster, database: name, ssl: false });
    client.on("error", () => {});
    await client.connect();
    sessions.push(client);
    return client;
  };
  const query = async <R extends object>(sql: string, parameters?: unknown[]) => {
    main ??= session();
    return (await (await main).query<R>(sql, parameters)).rows;
  };
  return { url, query, session, leave };
}

/** A login that may make roles and is no superuser, as hosted PostgreSQL gives one; removed when the test ends. */
export async function makePlainLogin(cluster: TestCluster = inject("cluster")): Promise<string> {
  const name = `o_${randomBytes(6).toString("hex")}`;
  await asSuperuser(cluster, `create role ${name} login createrole`);
  onTestFinished(() => asSuperuser(cluster, `drop role ${name}`));
  return name;
}

async function asSuperuser(cluster: TestCluster, sql: string): Promise<void> {
  const client = new pg.Client({ ...cluster, database: "postgres", ssl: false });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function urlOf(cluster: TestCluster, database: string, user = cluster.user): string {
  const url = new URL(embeddedUrl({ ...cluster, user: "adsapp", database: "adsapp" }));
  url.username = user;
  url.pathname = `/${database}`;
  return url.href;
}

/** A folder with the first migrations only, removed when the test ends. */
export function folderOf(count = NAMES.length): string {
  const folder = temporaryFolder();
  for (const { name, folder: from } of listMigrations().slice(0, count))
    for (const file of [`${name}.up.sql`, `${name}.down.sql`]) cpSync(join(from, file), join(folder, file));
  return folder;
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "adsapp-migrations-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
