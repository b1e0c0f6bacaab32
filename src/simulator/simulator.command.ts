import { defineCommand } from "../cli/command.ts";
import { ExitCode, UserError } from "../errors.ts";
import { declareFlags, type Flags, optionsOf } from "./flags.ts";
import { type Simulator, startSimulator } from "./simulator.ts";

export default defineCommand<[], Flags>({
  description:
    "A local Cloud API: takes messages over HTTP as Meta does and tells by signed webhooks what became of them (sent, delivered, read,\nfailed), to a URL or a file; people may answer, and say STOP. The same seed and the same contacts give the same outcomes.\nPOST /simulator/messages, /simulator/templates and /simulator/errors have something happen now. Prints its URL and runs until SIGTERM.",
  examples: [
    "adsapp simulator --port 4010 --webhook-file bodies.ndjson --immediate",
    "adsapp simulator --port 4010 --webhook-url http://127.0.0.1:8080/webhook --failed 0.05 --seed 7",
    "adsapp simulator --faults --stop 0.05 --reply 0.2 --template fixtures/template-black-friday.yaml --webhook-file bodies.ndjson",
  ],
  scope: "none",
  declare: declareFlags,
  async run(context, flags) {
    const simulator = await startSimulator({
      ...(await optionsOf(flags)),
      ...(context.config.webhookAppSecret === undefined
        ? {}
        : { appSecret: context.config.webhookAppSecret }),
      ...(context.now === undefined ? {} : { now: clockFrom(context.now) }),
    }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EADDRINUSE") throw error;
      throw new UserError(`port ${flags.port} is taken`, {
        hint: "Choose another --port; 0 takes any.",
        exitCode: ExitCode.Failed,
      });
    });
    context.out.print(simulator.url);
    await until(context.stopping);
    await close(simulator, (text) => context.out.say(text));
  },
});

async function close(simulator: Simulator, say: (text: string) => void): Promise<void> {
  await simulator.close();
  const { accepted, refused, statuses, replies, undelivered } = simulator.counts();
  say(
    `simulator: accepted ${accepted}, refused ${refused}; told sent ${statuses.sent}, delivered ${statuses.delivered}, read ${statuses.read}, failed ${statuses.failed}${replies > 0 ? `, replies ${replies}` : ""}${undelivered > 0 ? `; ${undelivered} updates found no receiver` : ""}`,
  );
}

/** `--now`: starts there and runs on, like everyone's clock in a rehearsal. */
function clockFrom(start: Date): () => Date {
  const began = performance.now();
  return () => new Date(start.getTime() + performance.now() - began);
}

function until(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) =>
    signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve()),
  );
}
