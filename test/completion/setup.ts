import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../src/root.ts";
import { makeWorld } from "../cli/world.ts";
import { makeDrip } from "../support/drip-factories.ts";
import { makeCampaign, makeContacts, makeOrganization, makeSender } from "../support/factories.ts";

/** Two organizations with names of their own, and a folder that has `adsapp` in it for shells. */
export async function makeShop() {
  const w = await makeWorld();
  const jansen = await makeOrganization(w.database, { slug: "jansen" });
  const other = await makeOrganization(w.database, { slug: "other" });
  for (const organization of [jansen, other])
    await makeSender(w.database, organization, { name: `nummer-${organization === jansen ? 1 : 2}` });
  for (const name of ["Black Friday Sale", "Black Friday Nacht", `Jan's "feest" & $5`, "Café ☕", "a\u202eb"])
    await makeCampaign(w.database, jansen, { name });
  await makeCampaign(w.database, other, { name: "Black Ops" });
  await makeDrip(w.database, jansen, { name: "Nieuwe Lead Opvolging", steps: [{ minutes: 0 }] });
  await makeContacts(w.database, jansen, 3, { tags: ["leads", "vip"] });
  await makeContacts(w.database, other, 3, { tags: ["geheim"] });
  const bin = mkdtempSync(join(tmpdir(), "adsapp-bin-"));
  writeFileSync(
    join(bin, "adsapp"),
    `#!/bin/sh\nexec "${process.execPath}" "${join(packageRoot(), "bin/adsapp.js")}" "$@"\n`,
    {
      mode: 0o755,
    },
  );
  const env = {
    DATABASE_URL: w.url,
    ADSAPP_HOME: w.home,
    ADSAPP_ORG: "jansen",
    HOME: w.home,
    PATH: `${bin}:${process.env.PATH}`,
  };
  const end = async () => {
    await w.end();
    rmSync(bin, { recursive: true, force: true });
  };
  return { ...w, bin, env, end };
}

export type Shop = Awaited<ReturnType<typeof makeShop>>;
