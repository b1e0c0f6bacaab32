import { setTimeout } from "node:timers/promises";
import pg from "pg";
import type { TestCluster } from "./cluster.ts";

/** Runs statements about databases, as the superuser of the cluster. */
export async function asAdmin(cluster: TestCluster, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ ...cluster, database: "postgres", ssl: false });
  await client.connect();
  try {
    for (const sql of statements) await untilFree(() => client.query(sql));
  } finally {
    await client.end();
  }
}

/** 55006: somebody is just leaving the template, or another copy of it begins. */
async function untilFree(work: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== "55006" || attempt === 20) throw error;
      await setTimeout(50);
    }
  }
}
