import { expect, it } from "vitest";
import { migrateDown, migrateUp } from "../../src/db/migrate.ts";
import { dumpSchema } from "../support/dump.ts";
import { folderOf, makeEmptyDatabase, NAMES } from "./migrating.ts";

it("takes back each migration exactly, and up makes the same again", async () => {
  const { url } = await makeEmptyDatabase();
  const dumps = [await dumpSchema(url)];
  for (const [i, name] of NAMES.entries()) {
    const folder = folderOf(i + 1);
    await migrateUp(url, { folder });
    dumps.push(await dumpSchema(url));
    expect(dumps[i + 1]).not.toBe(dumps[i]);
    expect(await migrateDown(url, { folder })).toEqual([name]);
    expect(await dumpSchema(url)).toBe(dumps[i]);
    await migrateUp(url, { folder });
    expect(await dumpSchema(url)).toBe(dumps[i + 1]);
  }
});
