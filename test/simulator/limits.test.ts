import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  folder,
  linesOf,
  NOON,
  people,
  simulated,
  templateTo,
  textTo,
  type WebhookJson,
} from "./simulated.ts";

const TO = "+31612345678";
const HOUR = 3_600_000;

/** A simulator whose clock the test moves. */
async function limited(options: object) {
  let now = NOON.getTime();
  const file = join(folder(), "bodies.ndjson");
  const { send, simulator } = await simulated({
    webhook: { file },
    shares: { failed: 0 },
    now: () => new Date(now),
    ...options,
  });
  const code = async (message: object, path?: string) =>
    (await send(message, path === undefined ? {} : { path })).json.error?.code ?? "accepted";
  const codes = async (count: number, message: object) => {
    const all = [];
    for (let n = 0; n < count; n++) all.push(await code(message));
    return all;
  };
  const control = (what: string, body: object) =>
    fetch(`${simulator.url}/simulator/${what}`, { method: "POST", body: JSON.stringify(body) });
  const pass = (ms: number) => {
    now += ms;
  };
  return { code, codes, control, simulator, file, pass };
}

describe("the pair limit", () => {
  it("lets 45 through to one person, then one in six seconds; others are not concerned", async () => {
    const { codes, code, pass } = await limited({ pairLimit: true });
    expect(await codes(46, textTo(TO))).toEqual([...Array(45).fill("accepted"), 131056]);
    expect(await code(textTo("+31612345679"))).toBe("accepted");
    expect(await code(textTo(TO), "/v25.0/2/messages")).toBe("accepted");
    pass(6000);
    expect(await codes(2, textTo(TO))).toEqual(["accepted", 131056]);
  });
});

describe("the portfolio's limit", () => {
  it("counts a person once in any 24 hours, over all numbers", async () => {
    const { code, pass } = await limited({ portfolioLimit: 2 });
    const [first, second, third] = people(3) as [string, string, string];
    expect(await code(templateTo(first))).toBe("accepted");
    pass(12 * HOUR);
    expect(await code(templateTo(second), "/v25.0/2/messages")).toBe("accepted");
    expect(await code(templateTo(second))).toBe("accepted");
    expect(await code(templateTo(third))).toBe(131048);
    pass(12 * HOUR);
    expect(await code(templateTo(third))).toBe("accepted");
    expect(await code(templateTo(first))).toBe(131048);
  });

  it("does not count who is inside a service window", async () => {
    const { code, control, simulator } = await limited({ portfolioLimit: 1 });
    const [first, second] = people(2) as [string, string];
    expect(await code(templateTo(first))).toBe("accepted");
    await control("messages", { from: second, phoneNumberId: "106540352242922", text: "Hallo" });
    await simulator.flush();
    expect(await code(templateTo(second))).toBe("accepted");
  });
});

describe("the service window", () => {
  it("fails a text outside of it later with 131047, and no template", async () => {
    const { code, control, simulator, pass } = await limited({ serviceWindow: true });
    const outcomes = () => simulator.accepted().map(({ type, outcome }) => `${type} ${outcome === "failed"}`);
    await code(textTo(TO));
    await code(templateTo(TO));
    await control("messages", { from: TO, phoneNumberId: "106540352242922", text: "Hallo" });
    await simulator.flush();
    await code(textTo(TO));
    pass(24 * HOUR);
    await code(textTo(TO));
    expect(outcomes()).toEqual(["text true", "template false", "text false", "text true"]);
  });
});

describe("throttling", () => {
  it("may also be told as an error of the account, without a message", async () => {
    const { codes, simulator, file } = await limited({ throughputPerSecond: 1, accountErrors: true });
    expect(await codes(2, textTo(TO))).toEqual(["accepted", 130429]);
    await simulator.flush();
    const values = linesOf<WebhookJson>(file).flatMap(({ entry }) =>
      entry.flatMap(({ changes }) => changes.map(({ value }) => value)),
    );
    const errors = values.filter((value) => "errors" in value);
    expect(errors).toEqual([
      {
        messaging_product: "whatsapp",
        metadata: expect.objectContaining({ phone_number_id: "106540352242922" }),
        errors: [expect.objectContaining({ code: 130429 })],
      },
    ]);
  });
});
