import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { folder, type LedgerLine, linesOf, people, simulated, statusesIn, templateTo } from "./simulated.ts";

const TO = "+31612345678";

describe("the simulator's own ledger", () => {
  it("holds a line for each message accepted and each status told", async () => {
    const directory = folder();
    const [file, logFile] = [join(directory, "bodies.ndjson"), join(directory, "ledger.ndjson")];
    const { send, sendAll, simulator } = await simulated({
      webhook: { file },
      logFile,
      shares: { failed: 0.2 },
      batch: 7,
    });
    await sendAll(people(100));
    await send(templateTo(TO, "bad\nvalue"));
    await simulator.flush();
    const lines = linesOf<LedgerLine>(logFile);
    const accepted = lines.filter(({ event }) => event === "accepted");
    const expected = simulator.accepted().map((message) => ({ event: "accepted", ...message }));
    expect(accepted).toEqual(JSON.parse(JSON.stringify(expected)));
    const words = (id: string, status: string, seconds: number, code = 0) =>
      `${id} ${status} ${seconds} ${code}`;
    const secondsOf = (at: string) => Math.floor(Date.parse(at) / 1000);
    const told = lines.filter(({ event }) => event !== "accepted");
    expect(told.map((line) => words(line.wamid, line.event, secondsOf(line.at), line.errorCode))).toEqual(
      statusesIn(file).map(({ id, status, timestamp, errors }) =>
        words(id, status, Number(timestamp), errors?.[0]?.code),
      ),
    );
  });

  it("counts what it told", async () => {
    const { sendAll, simulator } = await simulated({ shares: { failed: 0.2 } });
    await sendAll(people(100));
    await simulator.flush();
    const { statuses, accepted } = simulator.counts();
    const outcomes = (...wanted: string[]) =>
      simulator.accepted().filter(({ outcome }) => wanted.includes(outcome)).length;
    expect(accepted).toBe(100);
    expect(statuses.failed).toBe(outcomes("failed"));
    expect(statuses.delivered).toBe(outcomes("delivered", "read"));
    expect(statuses.read).toBe(outcomes("read"));
  });

  it("must have a place to stand", async () => {
    const missing = join(folder(), "no", "such", "folder", "file");
    await expect(startSimulator({ logFile: missing })).rejects.toThrow(
      `${missing} cannot be written (ENOENT)`,
    );
    await expect(startSimulator({ webhook: { file: missing } })).rejects.toThrow(
      `${missing} cannot be written (ENOENT)`,
    );
  });
});
