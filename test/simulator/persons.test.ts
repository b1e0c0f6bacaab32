import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { templateSchema } from "../../src/templates/definition.ts";
import { readBody } from "../../src/webhooks/body.ts";
import type { Inbound } from "../../src/webhooks/inbound.ts";
import { folder, type LedgerLine, linesOf, people, simulated, templateTo, textTo } from "./simulated.ts";

const ALL_READ = { failed: 0, delivered: 1, read: 1 };

/** What adsapp's own reader finds in the webhooks after a text to each of these people. */
async function heard(count: number, options: object): Promise<Inbound[]> {
  const file = join(folder(), "bodies.ndjson");
  const { sendAll, simulator } = await simulated({ webhook: { file }, shares: ALL_READ, ...options });
  await sendAll(people(count));
  await simulator.flush();
  return linesOf(file).flatMap((body) => readBody(JSON.stringify(body)).inbound);
}

const key = ({ phone, body }: Inbound) => `${phone} ${body}`;

describe("people", () => {
  it("answer in the share that is set, with the words that are set, the same for the same seed", async () => {
    const options = { replyShare: 0.3, replyWords: ["Ja", "Nee"] };
    const some = await heard(150, options);
    expect(some.length / 150).toBeCloseTo(0.3, 1);
    expect(new Set(some.map(({ body }) => body))).toEqual(new Set(["Ja", "Nee"]));
    expect((await heard(150, options)).map(key).toSorted()).toEqual(some.map(key).toSorted());
    expect(some.some(({ contextId }) => contextId === null)).toBe(true);
    expect(some.some(({ contextId }) => contextId !== null)).toBe(true);
  });

  it("say STOP in the share that is set, in words that adsapp understands", async () => {
    const some = await heard(100, { stopShare: 0.2 });
    expect(some.length / 100).toBeCloseTo(0.2, 1);
    for (const { consent } of some) expect(consent).toMatchObject({ says: "opt_out" });
  });

  it("do not answer what never reached them", async () => {
    expect(await heard(10, { replyShare: 1, shares: { failed: 1 } })).toEqual([]);
    expect(await heard(10, { replyShare: 1, shares: { failed: 0, delivered: 0 } })).toEqual([]);
    expect(await heard(10, { replyShare: 1, shares: { failed: 0, delivered: 1, read: 0 } })).toHaveLength(10);
  });

  it("tap the button that has their word on it", async () => {
    const file = join(folder(), "bodies.ndjson");
    const black_friday = templateSchema.parse({
      kind: "template",
      name: "black_friday",
      language: "nl",
      category: "MARKETING",
      components: [
        { type: "BODY", text: "Hoi {{1}}" },
        { type: "BUTTONS", buttons: [{ type: "QUICK_REPLY", text: "Stop promoties" }] },
      ],
    });
    const { send, simulator } = await simulated({
      webhook: { file },
      shares: ALL_READ,
      templates: [black_friday],
      stopShare: 1,
      stopWords: ["Stop promoties"],
    });
    const { json } = await send(templateTo("+31612345678", "Sanne"));
    await simulator.flush();
    const inbound = linesOf(file).flatMap((body) => readBody(JSON.stringify(body)).inbound);
    expect(inbound).toMatchObject([
      {
        type: "button",
        body: "Stop promoties",
        contextId: json.messages[0]?.id,
        consent: { says: "opt_out" },
      },
    ]);
  });

  it("may have a username: their phone number is in no webhook", async () => {
    const file = join(folder(), "bodies.ndjson");
    const { sendAll, simulator } = await simulated({
      webhook: { file },
      shares: ALL_READ,
      replyShare: 1,
      usernames: 1,
    });
    await sendAll(people(5));
    await simulator.flush();
    const text = JSON.stringify(linesOf(file));
    expect(text).not.toMatch(/"(from|wa_id|recipient_id)":"31600/);
    expect(text).toMatch(/"recipient_user_id":"NL\.\d+"/);
    const told = linesOf(file).map((body) => readBody(JSON.stringify(body)));
    expect(told.flatMap(({ statuses }) => statuses)).toHaveLength(15);
    for (const inbound of told.flatMap((each) => each.inbound))
      expect(inbound).toMatchObject({ phone: null, bsuid: expect.stringMatching(/^NL\.\d+$/) });
    expect(told.flatMap(({ inbound }) => inbound)).toHaveLength(5);
  });

  it("stand in the ledger with what they wrote, and are counted", async () => {
    const logFile = join(folder(), "ledger.ndjson");
    const { send, simulator } = await simulated({ logFile, shares: ALL_READ, stopShare: 1 });
    await send(textTo("+31612345678"));
    await simulator.flush();
    expect(simulator.counts().replies).toBe(1);
    const replied = linesOf<LedgerLine>(logFile).filter(({ event }) => event === "replied");
    expect(replied).toMatchObject([{ from: "+31612345678", text: expect.stringMatching(/stop|afmelden/i) }]);
  });
});
