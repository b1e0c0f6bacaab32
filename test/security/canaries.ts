// Secrets that must be found nowhere, and who might repeat them.
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { World } from "../cli/world.ts";

/** Secrets of no shape that a mask could know, so that only what never speaks of them passes. */
export const CANARIES = {
  token: "kanarie-toegang-1f2e",
  fileToken: "kanarie-bestand-3d4c",
  appSecret: "kanarie-geheim-5b6a",
  ownSecret: "kanarie-eigen-7988",
  verifyToken: "kanarie-verificatie-9796",
  password: "kanarie:wacht@woord/1",
  workerPassword: "kanarie-werker-b5b4",
  operatorPassword: "kanarie-mens-d3d2",
};
/** as they are, and as a URL has them */
const needles = Object.values(CANARIES).flatMap((secret) => [secret, encodeURIComponent(secret)]);

/** Which of them stand in what was printed, and where. */
export const leaks = (texts: readonly { line: string; text: string }[]) =>
  texts.flatMap(({ line, text }) =>
    needles.filter((needle) => text.includes(needle)).map((needle) => `${line}: ${needle}`),
  );

/** The environment of a host that has every secret that there is. */
export function hostWithSecrets(w: World): NodeJS.ProcessEnv {
  const withPassword = (password: string) =>
    w.url.replace("://adsapp@", `://adsapp:${encodeURIComponent(password)}@`);
  expect(withPassword("x")).not.toBe(w.url);
  const file = join(w.home, "token");
  writeFileSync(file, CANARIES.fileToken, { mode: 0o600 });
  return {
    DATABASE_URL: withPassword(CANARIES.password),
    ADSAPP_WORKER_DATABASE_URL: withPassword(CANARIES.workerPassword),
    ADSAPP_OPERATOR_DATABASE_URL: withPassword(CANARIES.operatorPassword),
    WHATSAPP_TOKEN: CANARIES.token,
    OTHER_TOKEN_FILE: file,
    ADSAPP_WEBHOOK_APP_SECRET: CANARIES.appSecret,
    ADSAPP_WEBHOOK_VERIFY_TOKEN: CANARIES.verifyToken,
    OWN_SECRET: CANARIES.ownSecret,
    ADSAPP_ORG: "jansen",
  };
}

/** An API that refuses a token and repeats it, as a careless proxy would. */
export async function startParrot(): Promise<string> {
  const server = createServer((request, response) => {
    response.writeHead(401, { "content-type": "application/json" });
    const message = `Invalid OAuth access token ${request.headers.authorization}`;
    response.end(
      JSON.stringify({
        error: { message, type: "OAuthException", code: 190, error_data: { details: message } },
      }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v25.0`;
}
