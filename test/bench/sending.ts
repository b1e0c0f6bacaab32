import { Pool } from "undici";
import { startCampaign } from "../../src/campaigns/start.ts";
import { Database } from "../../src/db/database.ts";
import { operator } from "../../src/db/identity.ts";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { tick } from "../../src/tick/tick.ts";
import {
  makeCampaign,
  makeContacts,
  makeOrganization,
  makeSender,
  makeTemplate,
} from "../support/factories.ts";
import { type Bench, interleaved, median, type Place } from "./measure.ts";

/** One sender takes 1,000 a second, so the work is spread over some. */
const SENDERS = 5;
const PEOPLE = 2_000;
const MESSAGES = SENDERS * PEOPLE;
const ROUNDS = 3;
const CONCURRENCY = 256;

/** A tick that sends broadcasts of several senders, with all its counting, against nothing but the same number of POSTs. */
export const sending: Bench = async (place) => {
  const simulator = await startSimulator();
  const world = await makeWorld(place, `${simulator.url}/v25.0`);
  try {
    const times = await interleaved(ROUNDS, {
      tick: () => world.sendBroadcasts(),
      posts: () => postOnly(simulator.url),
    });
    const [ticks, posts] = [median(times.tick), median(times.posts)].map((ms) => (MESSAGES / ms) * 1000) as [
      number,
      number,
    ];
    return [
      {
        what: `POSTs alone, ${MESSAGES} messages, median of ${ROUNDS}`,
        value: `${posts.toFixed(0)} messages/s`,
      },
      {
        what: `adsapp tick, ${MESSAGES} messages, median of ${ROUNDS}`,
        value: `${ticks.toFixed(0)} messages/s`,
      },
      { what: "share of the ceiling", value: (ticks / posts).toFixed(2) },
    ];
  } finally {
    await world.close();
    await simulator.close();
  }
};

async function makeWorld(place: Place, apiUrl: string) {
  const database = new Database({ url: place.databaseUrl });
  const organization = await makeOrganization(database);
  const senders: { id: string }[] = [];
  for (let n = 0; n < SENDERS; n++) {
    const phoneNumberId = String(1000 + n);
    const sender = {
      name: `lane ${n}`,
      provider: "whatsapp-cloud",
      phoneNumberId,
      apiUrl,
      throughput: 1000,
    } as const;
    senders.push(await makeSender(database, organization, sender));
  }
  await makeTemplate(database, organization);
  await makeContacts(database, organization, PEOPLE);
  const never = new AbortController().signal;
  return {
    async sendBroadcasts() {
      const message = {
        type: "template",
        template: "black_friday",
        language: "nl",
        variables: { "1": "{{ contact.first_name }}" },
      };
      for (const { id: senderId } of senders) {
        const { id } = await makeCampaign(database, organization, { status: "draft", senderId, message });
        await startCampaign(database, operator(organization.profileId), organization.id, id);
      }
      const report = await tick({
        database,
        env: { WHATSAPP_TOKEN: "token" },
        leaseSeconds: 30,
        budgetSeconds: 600,
        stopping: never,
        aborting: never,
        logFile: `${place.home}/messages.ndjson`,
      });
      if (report.sent.bulk !== MESSAGES)
        throw new Error(`not all of ${MESSAGES} were sent: ${JSON.stringify(report)}`);
    },
    close: () => database.close(),
  };
}

async function postOnly(url: string): Promise<void> {
  const pool = new Pool(url, { connections: CONCURRENCY });
  let next = 0;
  const post = async () => {
    while (next++ < MESSAGES) {
      const to = `+3161${String(next).padStart(7, "0")}`;
      const body = JSON.stringify({ messaging_product: "whatsapp", to, type: "text", text: { body: "Hoi" } });
      const headers = { authorization: "Bearer token", "content-type": "application/json" };
      const answer = await pool.request({ method: "POST", path: "/v25.0/1/messages", headers, body });
      await answer.body.text();
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, post));
  await pool.close();
}
