// The command line of a shop with ten contacts, beside another organization, for tests that run bin/adsapp.js.
import { expect } from "vitest";
import { makeContacts, makeOrganization } from "../support/factories.ts";
import { type Ran, runAdsapp } from "../support/program.ts";
import { setup } from "./setup.ts";

/** Ten contacts of `jansen`, Piet 1 to 10 by age, with phones +31610000001 … 10; three of `pietersen`. */
export async function openShop() {
  const s = await setup();
  const jansen = await makeOrganization(s.database, { slug: "jansen" });
  const pietersen = await makeOrganization(s.database, { slug: "pietersen" });
  const mine: { id: string; phone: string }[] = [];
  for (const n of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    mine.push(
      ...(await makeContacts(s.database, jansen, 1, {
        firstName: `Piet ${n}`,
        createdAt: new Date(Date.UTC(2026, 0, n)),
        tags: n % 2 === 0 ? ["even"] : [],
      })),
    );
  const theirs = await makeContacts(s.database, pietersen, 3, { tags: ["theirs"] });
  await s.query("insert into contact_lists (organization_id, name) values ($1, 'klanten'), ($2, 'hunne')", [
    jansen.id,
    pietersen.id,
  ]);
  const options = { databaseUrl: s.url, home: s.folder, env: { ADSAPP_ORG: "jansen" } };
  const adsapp = (...args: string[]): Promise<Ran> => runAdsapp(args, options);
  return {
    ...s,
    jansen,
    pietersen,
    mine,
    theirs,
    adsapp,
    /** with text on its stdin */
    adsappWith: (input: string, ...args: string[]) => runAdsapp(args, { ...options, input }),
    /** what it printed, read as JSON; it must have ended with this code */
    async json<T>(exitCode: number, ...args: string[]): Promise<T> {
      const ran = await adsapp(...args, "--format", "json");
      expect([args, ran.exitCode, ran.stderr]).toEqual([args, exitCode, ran.stderr]);
      return JSON.parse(ran.stdout) as T;
    },
  };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

export interface Listed {
  id: string;
  phone: string;
  firstName: string;
  tags: string[];
  optedOutAt: string | null;
}
