import { setMaxListeners } from "node:events";
import { readSecret, readSecretFile } from "../config.ts";
import type { Database } from "../db/database.ts";
import { refuseStrangeHost } from "../senders/token-host.ts";
import { Dispatch } from "./dispatch.ts";
import { type Lane, releaseLane, takeLanes } from "./lane.ts";
import { addCounts, type Counts, noCounts } from "./lane-report.ts";
import { OutcomeWriter } from "./outcome-writer.ts";
import type { Connections } from "./providers/connections.ts";
import { logProvider } from "./providers/log.ts";
import type { Provider } from "./providers/provider.ts";
import { Slots } from "./slots.ts";

const LANES_AT_ONCE = 16;
const OPEN_AT_ONCE = 500;

export interface SendOptions {
  database: Database;
  env: NodeJS.ProcessEnv;
  leaseSeconds: number;
  organizationId?: string | undefined;
  /** this sender's direct queue alone */
  directOf?: string | undefined;
  stopping: AbortSignal;
  aborting: AbortSignal;
  now: () => Date;
  /** POSTs that may be open at once, in all lanes together */
  concurrency?: number | undefined;
  /** the file to which a log sender's messages go */
  logFile: string;
  /** for each message that was accepted */
  onSent?: (() => void) | undefined;
}

export interface SendReport extends Counts {
  halted: { sender: string; reason: string }[];
  /** lanes that this host cannot work: no token in its environment */
  blocked: { sender: string; reason: string }[];
  faults: unknown[];
}

/** Works every free lane with due work, side by side, until nothing is due or the tick stops. */
export async function sendDue(options: SendOptions): Promise<SendReport> {
  const total: SendReport = { ...noCounts(), halted: [], blocked: [], faults: [] };
  const barren = new Set<string>();
  const open = options.concurrency ?? OPEN_AT_ONCE;
  const shared: Shared = { slots: new Slots(open), writer: new OutcomeWriter(options.database), open };
  setMaxListeners(2 * LANES_AT_ONCE, options.stopping, options.aborting);
  try {
    while (!options.stopping.aborted) {
      const askedAt = performance.now();
      const lanes = await takeLanes(options.database, {
        ...options,
        senderId: options.directOf,
        limit: LANES_AT_ONCE,
      });
      await Promise.all(lanes.map((lane) => workLane(lane, askedAt, options, shared, total, barren)));
      if (lanes.every((lane) => barren.has(lane.id))) break;
    }
  } finally {
    await shared.connections?.close();
  }
  return total;
}

/** What the lanes of a process have in common. */
interface Shared {
  slots: Slots;
  writer: OutcomeWriter;
  /** POSTs at once */
  open: number;
  connections?: Connections;
}

async function workLane(
  lane: Lane,
  takenAt: number,
  options: SendOptions,
  shared: Shared,
  total: SendReport,
  barren: Set<string>,
): Promise<void> {
  const provider = await providerOf(lane, options, shared).catch((error: Error) => error);
  if (provider instanceof Error) {
    await releaseLane(options.database, lane);
    if (!barren.has(lane.id)) total.blocked.push({ sender: lane.name, reason: provider.message });
    barren.add(lane.id);
    return;
  }
  const report = await new Dispatch(
    {
      ...options,
      slots: shared.slots,
      writer: shared.writer,
      lane,
      provider,
      directOnly: options.directOf !== undefined,
    },
    takenAt,
  ).run();
  addCounts(total, report);
  if (report.halted !== null) total.halted.push({ sender: lane.name, reason: report.halted });
  if (report.fault !== undefined) total.faults.push(report.fault);
  const { bulk, drip, direct, skipped, deferred, failed, retried } = report;
  const isBarren = bulk + drip + direct + skipped + deferred + failed + retried === 0;
  if (report.fault !== undefined || isBarren) barren.add(lane.id);
}

/** @throws Error when this host has no token for the sender */
async function providerOf(lane: Lane, options: SendOptions, shared: Shared): Promise<Provider> {
  if (lane.provider === "log") return logProvider(options.logFile);
  const token = tokenOf(lane, options.env);
  const { cloudProvider } = await import("./providers/whatsapp-cloud.ts");
  const { Connections } = await import("./providers/connections.ts");
  shared.connections ??= new Connections(shared.open);
  return cloudProvider({
    apiUrl: lane.apiUrl ?? "",
    phoneNumberId: lane.phoneNumberId ?? "",
    token,
    connections: shared.connections,
  });
}

function tokenOf(lane: Lane, env: NodeJS.ProcessEnv): string {
  refuseStrangeHost(lane.name, lane.apiUrl ?? "", env);
  if (lane.tokenFile !== null) return readSecretFile(lane.tokenFile);
  const token = readSecret(env, lane.tokenEnv ?? "");
  if (token === undefined) throw new Error(`the environment has no ${lane.tokenEnv}`);
  return token;
}
