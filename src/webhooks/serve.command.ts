import { once } from "node:events";
import { InvalidArgumentError } from "commander";
import { defineCommand } from "../cli/command.ts";
import { UserError } from "../errors.ts";
import { startReceiver } from "./serve.ts";

export default defineCommand<[], { host: string; port: number }>({
  description:
    "Takes Meta's webhooks: verifies (GET /webhook), looks at the signature, stores each body and answers 200 once it is committed; adsapp\ntick applies them. POST /events takes your own programs' events (adsapp org token create), GET /healthz is for monitors.\nPut a proxy with a certificate in front; SIGTERM ends it when what is open is answered.",
  examples: [
    "adsapp webhook serve --port 8080",
    "ADSAPP_WEBHOOK_APP_SECRET=… ADSAPP_WEBHOOK_VERIFY_TOKEN=… adsapp webhook serve --host 0.0.0.0 --port 8080",
  ],
  writes: true,
  scope: "all",
  declare(command) {
    command
      .option("--port <port>", "0 takes a free one", port, 8080)
      .option("--host <host>", "the address to listen on", "127.0.0.1");
  },
  async run(context, { host, port }) {
    const { stopping } = context;
    const receiver = await startReceiver({
      database: await context.database(),
      env: context.env,
      host,
      port,
      appSecret: context.config.webhookAppSecret,
      verifyToken: context.config.webhookVerifyToken,
    }).catch((error) => refuseAddress(error, host, port));
    context.out.print(`Listening on http://${host}:${receiver.port}/webhook`);
    if (context.config.webhookAppSecret === undefined)
      context.out.warn(
        "ADSAPP_WEBHOOK_APP_SECRET is not set: only bodies that a sender's own secret signed are taken",
      );
    if (context.config.webhookVerifyToken === undefined)
      context.out.warn("ADSAPP_WEBHOOK_VERIFY_TOKEN is not set: Meta cannot verify the callback");
    if (!stopping.aborted) await once(stopping, "abort");
    await receiver.close();
  },
});

function refuseAddress(error: NodeJS.ErrnoException, host: string, port: number): never {
  const reasons: Record<string, string> = {
    EADDRINUSE: "is in use",
    EACCES: "needs more rights",
    EADDRNOTAVAIL: "is not an address of this machine",
    ENOTFOUND: "is not a known address",
  };
  const reason = reasons[error.code ?? ""];
  if (reason === undefined) throw error;
  throw new UserError(`${host}:${port} ${reason}`, { hint: "Choose another: --host, --port" });
}

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError("It must be a port.");
  return value;
}
