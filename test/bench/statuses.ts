import { worker } from "../../src/db/identity.ts";
import { applyInbox } from "../../src/webhooks/inbox.ts";
import { makeCampaign, makeJobs, makeOrganization, makeRun, makeSender } from "../support/factories.ts";
import { type Bench, timed } from "./measure.ts";

const MESSAGES = 20_000;
const IN_A_BODY = 10;
const PHONE_NUMBER_ID = "1000";

/** Delivered, then read, of messages that were sent: raw bodies from the inbox to counters. */
export const statuses: Bench = async ({ newDatabase }) => {
  const { database, sql } = await newDatabase();
  const organization = await makeOrganization(database);
  const options = { provider: "whatsapp-cloud", phoneNumberId: PHONE_NUMBER_ID } as const;
  await makeSender(database, organization, options);
  const campaign = await makeCampaign(database, organization);
  await makeJobs(database, await makeRun(database, campaign), { sent: MESSAGES });
  await sql("analyze");
  const sent = await sql<{ wamid: string; jobId: string }>(
    "select provider_message_id as wamid, bulk_message_job_id as job_id from messages",
  );
  const rounds = [];
  for (const status of ["delivered", "read"]) {
    const bodies: string[] = [];
    for (let n = 0; n < sent.length; n += IN_A_BODY)
      bodies.push(bodyOf(status, sent.slice(n, n + IN_A_BODY)));
    await database.transaction(worker, (tx) =>
      tx.run("insert into webhook_inbox (body, source) select b, 'bench' from unnest($1::text[]) as b", [
        bodies,
      ]),
    );
    rounds.push(await timed(() => applyInbox(database)));
  }
  const [counted] = await sql<{ n: number }>("select messages_read as n from bulk_campaigns");
  if (counted?.n !== MESSAGES) throw new Error(`${counted?.n} of ${MESSAGES} are counted as read`);
  return [{ what: "statuses ingested", value: (MESSAGES / Math.min(...rounds)) * 1000, unit: "a second" }];
};

function bodyOf(status: string, messages: { wamid: string; jobId: string }[]): string {
  const said = messages.map(({ wamid, jobId }) => ({
    id: wamid,
    status,
    timestamp: String(Math.floor(Date.now() / 1000)),
    recipient_id: "31610000001",
    biz_opaque_callback_data: `b:${jobId}:1`,
  }));
  const metadata = { display_phone_number: "31201234567", phone_number_id: PHONE_NUMBER_ID };
  const value = { messaging_product: "whatsapp", metadata, statuses: said };
  return JSON.stringify({
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "messages", value }] }],
  });
}
