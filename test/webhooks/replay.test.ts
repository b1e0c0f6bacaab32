import { afterAll, beforeAll, expect, it } from "vitest";
import { makeSender } from "../support/factories.ts";
import { type Ran, runAdsapp } from "../support/program.ts";
import { messagesBody } from "./messages.ts";
import { type Setup, setup } from "./setup.ts";

const LATE_NUMBER = "106540352240001";

let s: Setup;
beforeAll(async () => {
  s = await setup();
});
afterAll(() => s.end());

const replay = (...ids: string[]): Promise<Ran> =>
  runAdsapp(["webhook", "replay", ...ids, "--json"], { databaseUrl: s.url });

const from = "31612345678";

it("applies what was put aside, once there is a sender for it, and again changes nothing", async () => {
  await s.apply(messagesBody([{ from, id: "wamid.LATE" }], { number: LATE_NUMBER }));
  const early = await replay();
  expect(early.exitCode).toBe(3);
  expect(JSON.parse(early.stdout)).toMatchObject([{ error: expect.stringContaining("no sender has") }]);

  await makeSender(s.database, s.organization, { name: "late", phoneNumberId: LATE_NUMBER });
  const late = await replay();
  expect(late).toMatchObject({ exitCode: 0, stderr: "" });
  const [{ id }] = JSON.parse(late.stdout);
  expect(JSON.parse(late.stdout)).toMatchObject([{ error: null, organization: expect.any(String) }]);

  expect(JSON.parse((await replay()).stdout)).toEqual([]);
  expect((await replay(String(id))).exitCode).toBe(0);
  expect(await s.rows("select from messages where provider_message_id = 'wamid.LATE'")).toHaveLength(1);
  await s.expectCleanAudit();
});

it("refuses ids that the inbox has not, and words that are no id", async () => {
  expect(await replay("99999")).toMatchObject({
    exitCode: 4,
    stderr: 'error: webhook body "99999" not found\n',
  });
  expect((await replay("x")).exitCode).toBe(2);
});
