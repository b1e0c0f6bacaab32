import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloneTemplate, makeTemplate } from "../support/cluster.ts";
import { startEmbeddedCluster } from "../support/embedded-cluster.ts";
import type { Place } from "./measure.ts";

export async function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
  const { cluster, stop } = await startEmbeddedCluster();
  const home = mkdtempSync(join(tmpdir(), "adsapp-bench-"));
  try {
    await makeTemplate(cluster);
    const { url } = await cloneTemplate(cluster);
    await work({ databaseUrl: url, home });
  } finally {
    await stop();
    rmSync(home, { recursive: true, force: true });
  }
}
