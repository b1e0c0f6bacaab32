import { onTestFinished } from "vitest";
import { type Context, createContext } from "../../src/cli/context.ts";
import { createOutput } from "../../src/cli/output/index.ts";
import { stopSignals } from "../../src/cli/signals.ts";

/** What a command works with, for tests of what lies between its lines. Quiet; closed at the test's end. */
export function makeContext(given: { databaseUrl: string; organization: string; user?: string }): Context {
  const stops = stopSignals();
  const out = createOutput({
    stdout: process.stdout,
    stderr: process.stderr,
    format: "json",
    color: false,
    timeZone: "UTC",
    quiet: true,
    verbose: false,
  });
  const context = createContext({
    env: { DATABASE_URL: given.databaseUrl, ADSAPP_HOME: "/nonexistent" },
    out,
    yes: false,
    now: undefined,
    organization: given.organization,
    user: given.user,
    stops,
  });
  onTestFinished(async () => {
    await context.close();
    stops.release();
  });
  return context;
}
