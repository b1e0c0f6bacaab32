import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { templatesOf } from "../../src/templates/account.ts";
import { answering, TOKEN, WABA } from "./syncing.ts";

it("an account that drips its answer: there is one deadline for all of it, whatever is collected as garbage meanwhile", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const { url } = await answering((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    const drops = setInterval(() => {
      collect();
      response.write(" ");
    }, 50);
    response.once("close", () => clearInterval(drops));
  });
  const { signal } = new AbortController();
  const asked = { wabaId: WABA, apiUrl: url, token: TOKEN, sender: "main" };
  await expect(templatesOf(asked, signal, 400)).rejects.toMatchObject({
    exitCode: 75,
    message: `account ${WABA} (sender "main"): no answer in time`,
  });
});
