import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DEFAULT_DELAYS, DEFAULT_SHARES, diceOf, fateOf, type Shares } from "../../src/simulator/fate.ts";
import { people, simulated, textTo } from "./simulated.ts";

function shareOf(recipients: readonly string[], shares: Shares, seed = "1") {
  const outcomes = recipients.map((to) => fateOf(diceOf(seed, to, 0), shares, DEFAULT_DELAYS).outcome);
  const count = (...wanted: string[]) => outcomes.filter((outcome) => wanted.includes(outcome)).length;
  const delivered = count("delivered", "read");
  return {
    failed: count("failed") / outcomes.length,
    delivered: delivered / (outcomes.length - count("failed")),
    read: count("read") / delivered,
  };
}

describe("what becomes of messages", () => {
  it("follows the shares over 2,000 messages", async () => {
    const { sendAll, simulator } = await simulated({ seed: 7 });
    await sendAll(people(2000));
    await simulator.flush();
    const { statuses } = simulator.counts();
    const withOutcome = (wanted: string) =>
      simulator.accepted().filter(({ outcome }) => outcome === wanted).length;
    // by seed 7: 1.6 % failed, 96.8 % of the rest delivered, 70.7 % of those read
    expect(statuses).toMatchObject({ failed: 32, delivered: 559 + 1346, read: 1346 });
    expect(["sent", "delivered", "read", "failed"].map(withOutcome)).toEqual([63, 559, 1346, 32]);
  });

  it.each([
    { failed: 0, delivered: 1, read: 1 },
    { failed: 1, delivered: 1, read: 1 },
    { failed: 0.3, delivered: 0.5, read: 0.2 },
    DEFAULT_SHARES,
  ])("keeps to the shares $failed $delivered $read", (shares) => {
    const found = shareOf(people(4000), shares);
    expect(found.failed).toBeCloseTo(shares.failed, 1);
    if (shares.failed < 1) expect(found.delivered).toBeCloseTo(shares.delivered, 1);
    if (shares.failed < 1) expect(found.read).toBeCloseTo(shares.read, 1);
  });

  it("is the same for the same seed, in whatever order and with whatever row ids messages come", async () => {
    const recipients = people(200);
    const first = await simulated({ seed: "autumn" });
    const second = await simulated({ seed: "autumn" });
    for (const to of recipients) await first.send(textTo(to, `job:${to}`));
    for (const to of recipients.toReversed()) await second.send(textTo(to, `another row: ${to}`));
    const outcomes = ({ simulator }: typeof first) =>
      new Map(simulator.accepted().map((m) => [m.to, m.outcome]));
    expect(outcomes(first)).toEqual(new Map([...outcomes(second)].reverse()));
  });

  it("differs by seed, and from one message of a person to the next", () => {
    const outcomes = (seed: string, nth: number) =>
      people(200).map((to) => fateOf(diceOf(seed, to, nth), DEFAULT_SHARES, DEFAULT_DELAYS).outcome);
    expect(outcomes("1", 0)).not.toEqual(outcomes("2", 0));
    expect(outcomes("1", 0)).not.toEqual(outcomes("1", 1));
  });

  it("gives a replay the same message ids, and another seed, number or opaque id another", async () => {
    const wamid = async (seed: number, to: string, opaqueId: string) => {
      const { send } = await simulated({ seed });
      return (await send(textTo(to, opaqueId))).json.messages[0]?.id;
    };
    const id = await wamid(1, "+31600000001", "job:1:1");
    expect(await wamid(1, "+31600000001", "job:1:1")).toBe(id);
    const others = [
      await wamid(2, "+31600000001", "job:1:1"),
      await wamid(1, "+31600000002", "job:1:1"),
      await wamid(1, "+31600000001", "job:2:1"),
    ];
    expect(new Set([id, ...others]).size).toBe(4);
  });

  it("happens in order, whatever the delays", () => {
    const delay = fc.double({ min: 0, max: 10_000, noNaN: true });
    fc.assert(
      fc.property(
        fc.string(),
        fc.record({ sent: delay, delivered: delay, read: delay, reply: delay }),
        (seed, delays) => {
          const { steps, outcome } = fateOf(
            diceOf(seed, "+31600000001", 0),
            { ...DEFAULT_SHARES, failed: 0.3 },
            delays,
          );
          const times = steps.map((step) => step.afterSeconds);
          expect(steps.at(-1)?.status).toBe(outcome);
          expect(times).toEqual(times.toSorted((a, b) => a - b));
        },
      ),
    );
  });

  it("fails with codes of Meta's that come after acceptance, mostly for numbers without WhatsApp", () => {
    const codes = people(1000).map(
      (to) => fateOf(diceOf("1", to, 0), { ...DEFAULT_SHARES, failed: 1 }, DEFAULT_DELAYS).errorCode,
    );
    expect(new Set(codes)).toEqual(new Set([131026, 131049, 131053, 130472]));
    expect(codes.filter((code) => code === 131026).length).toBeGreaterThan(500);
  });

  it("depends on how many messages a person got before", async () => {
    const { send, simulator } = await simulated();
    for (let n = 0; n < 30; n++) await send(textTo("+31600000001"));
    const expected = Array.from(
      { length: 30 },
      (_, nth) => fateOf(diceOf("1", "+31600000001", nth), DEFAULT_SHARES, DEFAULT_DELAYS).outcome,
    );
    expect(simulator.accepted().map((message) => message.outcome)).toEqual(expected);
  });
});

describe("options that make no sense", () => {
  it.each([
    [{ shares: { failed: 1.1 } }, "failed 1.1 is not a share from 0 to 1"],
    [{ shares: { read: Number.NaN } }, "read NaN is not a share"],
    [{ dropStatuses: -0.1 }, "dropStatuses -0.1 is not a share"],
    [{ duplicateStatuses: 2 }, "duplicateStatuses 2 is not a share"],
    [{ delays: { read: -1 } }, "read -1 is not a delay in seconds"],
    [{ delays: { sent: Number.POSITIVE_INFINITY } }, "sent Infinity is not a delay"],
    [{ latencyMs: -5 }, "latencyMs -5 is not a time in milliseconds"],
    [{ port: 65_536 }, "port 65536 is not a port"],
    [{ batch: 0 }, "batch 0 is not from 1 to 1000"],
    [{ throughputPerSecond: 0 }, "throughputPerSecond 0 is not 1 or more"],
    [{ webhook: { url: "localhost:80" } }, 'webhook URL "localhost:80" is not an http or https URL'],
  ])("are refused: %j", async (options, message) => {
    await expect(simulated(options)).rejects.toThrow(message);
  });

  it("are named all at once", async () => {
    await expect(simulated({ batch: 5000, port: -1 })).rejects.toThrow(/port -1 .*; batch 5000/);
  });
});
