import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeDrip, makeEnrollments } from "../support/drip-factories.ts";
import { accept, apiThat, refuse, workLane } from "./dispatching.ts";
import { minutesAfter, NOW, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

/** A drip beside a broadcast; `enter` lets somebody in whose first step is due at once, `tick` works the lane. */
async function aDrip(answers: (to: string) => "accepted" | number) {
  s.at(NOW);
  const wrong = new Set<string>();
  const api = await apiThat((response, { to }) => {
    const answer = wrong.has(to) ? 132000 : answers(to);
    if (answer === "accepted") accept(response);
    else refuse(response, 400, answer);
  });
  const w = await s.world({ sender: { provider: "whatsapp-cloud", throughput: 1000 } });
  const drip = await makeDrip(s.database, w.organization, { steps: [{ minutes: 0 }] });
  const people = await w.contacts(40, { lastInboundAt: NOW });
  let minute = 0;
  const tick = async (given: { entered: number; wrong?: boolean }) => {
    s.at(minutesAfter(++minute));
    const entering = people.splice(0, given.entered);
    if (given.wrong) for (const { phone } of entering) wrong.add(phone as string);
    await makeEnrollments(s.database, drip, entering);
    await workLane(s, w, { url: api.url, now: minutesAfter(minute) });
  };
  const state = async () => {
    const [row] = await w.rows(
      "select status, pause_reason, messages_failed from drip_campaigns where id = $1",
      [drip.id],
    );
    return row;
  };
  return { w, drip, tick, state };
}

describe("a drip of one message a tick", () => {
  it("pauses at its fifth fault in a row, and starts anew once a person has looked at it", async () => {
    const { w, drip, tick, state } = await aDrip(() => 132000);
    for (let n = 0; n < 4; n++) await tick({ entered: 1 });
    expect(await state()).toMatchObject({ status: "active", messagesFailed: 4 });
    await tick({ entered: 1 });
    expect(await state()).toMatchObject({
      status: "paused",
      pauseReason: expect.stringContaining("5 of the last 5 messages were refused as wrong"),
    });
    await w.rows("update drip_campaigns set status = 'active' where id = $1", [drip.id]);
    await tick({ entered: 1 });
    expect(await state()).toMatchObject({ status: "active", messagesFailed: 6 });
  });

  it("goes on where what was right came between", async () => {
    const { tick, state } = await aDrip(() => "accepted");
    for (let n = 0; n < 4; n++) {
      await tick({ entered: 1, wrong: true });
      await tick({ entered: 6 });
    }
    await tick({ entered: 1, wrong: true });
    expect(await state()).toMatchObject({ status: "active", messagesFailed: 5 });
  });
});
