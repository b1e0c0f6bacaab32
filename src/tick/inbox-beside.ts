import type { Database } from "../db/database.ts";
import { applyInbox } from "../webhooks/inbox.ts";

const EVERY_MS = 2_000;

/** Applies the inbox every two seconds while messages go out, and once more at the end. */
export function inboxBeside(database: Database): { end(): Promise<number> } {
  let applied = 0;
  let running: Promise<void> = Promise.resolve();
  const once = () => {
    running = running.then(async () => {
      applied += await applyInbox(database);
    });
    running.catch(() => {});
  };
  const timer = setInterval(once, EVERY_MS);
  return {
    async end() {
      clearInterval(timer);
      once();
      await running;
      return applied;
    },
  };
}
