import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Database } from "../../src/db/database.ts";
import { worker } from "../../src/db/identity.ts";
import { createTestDatabase } from "../support/database.ts";

let url: string;
let drop: () => Promise<void>;

beforeAll(async () => {
  ({ url, drop } = await createTestDatabase());
});
afterAll(() => drop());

describe("more transactions than connections", () => {
  it("wait in turn, for as long as it takes: that is no database that cannot be reached", async () => {
    const database = new Database({ url, connections: 1, connectSeconds: 0.2 });
    const order: number[] = [];
    const slow = (n: number) =>
      database.transaction(worker, async (tx) => {
        await tx.query("select pg_sleep(0.3)");
        order.push(n);
      });
    try {
      await Promise.all([slow(1), slow(2), slow(3)]);
      expect(order).toEqual([1, 2, 3]);
    } finally {
      await database.close();
    }
  });

  it("go on after one that failed", async () => {
    const database = new Database({ url, connections: 1 });
    try {
      const failing = database.transaction(worker, (tx) => tx.query("select 1 / 0"));
      const next = database.transaction(worker, (tx) => tx.one<{ one: number }>("select 1 as one"));
      await expect(failing).rejects.toThrow("division by zero");
      expect(await next).toEqual({ one: 1 });
    } finally {
      await database.close();
    }
  });
});
