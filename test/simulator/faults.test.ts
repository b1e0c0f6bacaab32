import { describe, expect, it } from "vitest";
import { MAGIC_NUMBERS } from "../../src/simulator/faults.ts";
import { until } from "../support/until.ts";
import { simulated, textTo } from "./simulated.ts";

const to = (lastDigits: string) => `+3161234${lastDigits}`;

describe("magic numbers", () => {
  it.each([
    ["0429", 429, 130429],
    ["0500", 500, 131000],
    ["1056", 400, 131056],
  ])(
    "%s is refused the first time with HTTP %i and code %i, then accepted",
    async (digits, httpStatus, code) => {
      const { send, simulator } = await simulated({ faults: true });
      const { status, json } = await send(textTo(to(digits)));
      expect([status, json.error.code]).toEqual([httpStatus, code]);
      expect((await send(textTo(to(digits)))).status).toBe(200);
      expect(simulator.counts()).toMatchObject({ requests: 2, accepted: 1, refused: 1 });
    },
  );

  it.each([
    ["0190", 401, 190],
    ["2000", 400, 132000],
  ])("%s is refused each time with HTTP %i and code %i", async (digits, httpStatus, code) => {
    const { send, simulator } = await simulated({ faults: true });
    for (const _time of [1, 2]) {
      const { status, json } = await send(textTo(to(digits)));
      expect([status, json.error.code]).toEqual([httpStatus, code]);
    }
    expect(simulator.counts().accepted).toBe(0);
  });

  it("0502 gets a proxy's page the first time", async () => {
    const { post, simulator } = await simulated({ faults: true });
    const response = await post(JSON.stringify(textTo(to("0502"))));
    expect([response.status, response.headers.get("content-type")]).toEqual([502, "text/html"]);
    expect(await response.text()).toContain("<html>");
    expect((await post(JSON.stringify(textTo(to("0502"))))).status).toBe(200);
    expect(simulator.counts()).toMatchObject({ accepted: 1, refused: 1 });
  });

  it("0428 is throttled the first time by something that does not speak JSON", async () => {
    const { post, simulator } = await simulated({ faults: true });
    const response = await post(JSON.stringify(textTo(to("0428"))));
    expect([response.status, await response.text()]).toEqual([429, "slow down"]);
    expect((await post(JSON.stringify(textTo(to("0428"))))).status).toBe(200);
    expect(simulator.counts()).toMatchObject({ accepted: 1, refused: 1 });
  });

  it("1016 is refused the first time with 131016, and error_data is a text", async () => {
    const { send } = await simulated({ faults: true });
    const { status, json } = await send(textTo(to("1016")));
    expect([status, json.error]).toMatchObject([
      503,
      { code: 131016, error_data: "Service temporarily unavailable." },
    ]);
    expect((await send(textTo(to("1016")))).status).toBe(200);
  });

  it("0408 is accepted at once, and answered when the sender has given up", async () => {
    const { simulator } = await simulated({ faults: true, slowMs: 60_000 });
    const given = new AbortController();
    const answer = fetch(`${simulator.url}/v25.0/1/messages`, {
      method: "POST",
      headers: { authorization: "Bearer x" },
      body: JSON.stringify(textTo(to("0408"))),
      signal: given.signal,
    });
    await until("the message is accepted", () => simulator.counts().accepted === 1);
    given.abort();
    await expect(answer).rejects.toThrow("aborted");
  });

  it("further ones fail later with the code that is set for them", async () => {
    const { send, simulator } = await simulated({ failures: { "4711": 131051 }, shares: { failed: 0 } });
    for (const digits of ["4711", "4712"]) expect((await send(textTo(to(digits)))).status).toBe(200);
    expect(simulator.accepted().map(({ outcome }) => outcome === "failed")).toEqual([true, false]);
  });

  it("0999 is accepted, but the sender never hears of it; the statuses come", async () => {
    const { send, simulator } = await simulated({ faults: true, shares: { failed: 0 } });
    await expect(send(textTo(to("0999"), "job:1:1"))).rejects.toThrow("fetch failed");
    await simulator.flush();
    expect(simulator.accepted()).toMatchObject([{ to: to("0999"), opaqueId: "job:1:1" }]);
    expect(simulator.counts()).toMatchObject({ accepted: 1, refused: 0, statuses: { sent: 1 } });
  });

  it("0998 is not accepted, and the sender does not hear of that either", async () => {
    const { send, simulator } = await simulated({ faults: true });
    await expect(send(textTo(to("0998")))).rejects.toThrow("fetch failed");
    expect(simulator.counts()).toMatchObject({ requests: 1, accepted: 0, refused: 1 });
    expect((await send(textTo(to("0998")))).status).toBe(200);
  });

  it.each([
    ["1026", 131026],
    ["1047", 131047],
    ["1049", 131049],
    ["1050", 131050],
    ["1053", 131053],
  ])("%s is accepted, and fails later with %i", async (digits) => {
    const { send, simulator } = await simulated({ faults: true, shares: { failed: 0 } });
    for (const _time of [1, 2]) expect((await send(textTo(to(digits)))).status).toBe(200);
    await simulator.flush();
    expect(simulator.accepted().map(({ outcome }) => outcome)).toEqual(["failed", "failed"]);
    expect(simulator.counts().statuses.failed).toBe(2);
  });

  it("mean nothing unless asked for", async () => {
    const { send, simulator } = await simulated({ shares: { failed: 0 } });
    for (const digits of Object.keys(MAGIC_NUMBERS))
      expect((await send(textTo(to(digits)))).status).toBe(200);
    expect(simulator.accepted().filter(({ outcome }) => outcome === "failed")).toEqual([]);
  });
});
