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

const dismiss = (...ids: string[]): Promise<Ran> =>
  runAdsapp(["webhook", "dismiss", ...ids, "--json"], { databaseUrl: s.url });
/** as status counts them */
const waiting = async () =>
  (
    await s.row<{ n: number }>(
      "select count(*) as n from webhook_inbox where processed_at is null and error is not null",
    )
  ).n;

it("lets one be that nobody can mend: it keeps its error, is counted no more, and can be taken up again", async () => {
  await s.apply("no JSON", messagesBody([{ from, id: "wamid.APPLIED" }]));
  const [{ id: broken }] = JSON.parse((await replay()).stdout);
  const { id: applied } = await s.row<{ id: number }>(
    "select max(id) as id from webhook_inbox where error is null",
  );
  expect(await waiting()).toBe(1);
  expect(await dismiss(String(broken), String(applied))).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining(`webhook body ${applied} does not wait with an error`),
  });
  expect(await waiting()).toBe(1);

  const gone = await dismiss(String(broken));
  expect(gone).toMatchObject({ exitCode: 0, stderr: "" });
  expect(JSON.parse(gone.stdout)).toMatchObject([
    { id: broken, source: "test", error: expect.stringMatching(/./) },
  ]);
  expect(await waiting()).toBe(0);
  expect(JSON.parse((await replay()).stdout)).toEqual([]);
  expect(JSON.parse((await replay(String(broken))).stdout)).toMatchObject([
    { id: broken, error: expect.any(String) },
  ]);
  expect(await waiting()).toBe(1);
  expect((await dismiss()).exitCode).toBe(2);
  expect(await dismiss("99999")).toMatchObject({
    exitCode: 4,
    stderr: 'error: webhook body "99999" not found\n',
  });
});
