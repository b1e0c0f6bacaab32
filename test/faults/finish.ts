import { expect } from "vitest";
import { type History, inWords } from "./history.ts";
import type { World } from "./world.ts";

const QUARTERS = 4;

/**
 * What the ticks of the next hour would do, with no more faults (nor a faulty API): until nothing is open, a quarter of an hour further each
 * time. A little more traffic of each sender proves that webhooks arrive.
 * @param isKept false: this webhook body gets lost
 * @param from minutes from now
 */
export async function finish(world: World, isKept?: () => boolean, from = 0): Promise<void> {
  await world.query("update senders set lane_expires_at = clock_timestamp() where lane_token is not null");
  await world.sendThrough(world.simulator.url);
  await world.query("update senders set throughput_per_second = 1000");
  await world.sendSomethingElse();
  for (let quarters = 0; quarters <= QUARTERS; quarters++) {
    await world.tickLater(from + quarters * 15);
    await world.bringWebhooks(isKept);
    await world.tickLater(from + quarters * 15);
    if (quarters > 0 && !(await hasOpen(world))) break;
  }
  if (isKept === undefined) await world.giveUpAnswers();
}

async function hasOpen(world: World): Promise<boolean> {
  const [row] = await world.query<{ open: boolean }>(
    `select exists (select from bulk_message_jobs where status in ('pending', 'dispatching', 'unknown'))
         or exists (select from drip_message_logs where status in ('pending', 'dispatching', 'unknown') and step_order = 1)
         or exists (select from direct_queue) as open`,
  );
  return row?.open === true;
}

/** Each message once, as the API's own ledger has it, and the books agree. @param about is printed on failure */
export async function expectEachOnce(world: World, about = ""): Promise<History> {
  const history = await world.history();
  const { lost, duplicated, unexpected, unknown } = history;
  const none = { lost: [], duplicated: [], unexpected: [], unknown: [] };
  expect({ lost, duplicated, unexpected, unknown }, `${about} ${inWords(history)}`).toEqual(none);
  await world.expectCleanAudit();
  return history;
}
