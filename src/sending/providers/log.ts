import { randomUUID } from "node:crypto";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Answer, Provider } from "./provider.ts";

/**
 * The provider without an account: accepts each message and appends it to a file, one JSON line each (mode 0600,
 * since the lines hold phone numbers).
 */
export function logProvider(file: string): Provider {
  mkdirSync(dirname(file), { recursive: true });
  const stream = createWriteStream(file, { flags: "a", mode: 0o600 });
  let fault: Error | undefined;
  stream.on("error", (error) => {
    fault = error;
  });
  return {
    concurrency: 64,
    async send(body): Promise<Answer> {
      const providerMessageId = `log.${randomUUID()}`;
      await new Promise<void>((resolve) =>
        stream.write(`${JSON.stringify({ providerMessageId, ...body })}\n`, () => resolve()),
      );
      return fault === undefined
        ? { kind: "accepted", providerMessageId }
        : { kind: "unsent", reason: `${file}: ${fault.message}` };
    },
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  };
}
