// pg-boss with batches of its own and as many polls as it allows. fill DATABASE | URL DATABASE AT_ONCE MESSAGES
import pg from "pg";
import PgBoss from "pg-boss";
import { Pool } from "undici";
import { postBody, postHeaders, WRITE_ROWS } from "./post.mjs";

const WORKERS = 4;
const options = { supervise: false, schedule: false };

async function fill(connectionString) {
  const boss = new PgBoss({ connectionString, ...options });
  await boss.start();
  await boss.createQueue("send");
  const client = new pg.Client(connectionString);
  await client.connect();
  const { rows } = await client.query(
    `select j.id, c.phone, c.first_name as name from bulk_message_jobs j join contacts c on c.id = j.contact_id where j.status = 'pending'`,
  );
  await boss.insert(rows.map((data) => ({ name: "send", data })));
  await client.end();
  await boss.stop({ graceful: true, wait: true });
}

async function work(url, connectionString, atOnce, messages) {
  const { origin, pathname } = new URL(url);
  const http = new Pool(origin, { connections: atOnce, pipelining: 1 });
  const rows = new pg.Pool({ connectionString, max: 10 });
  const headers = postHeaders("token");
  let left = messages;
  let allDone;
  const finished = new Promise((resolve) => {
    allDone = resolve;
  });
  const send = async ({ data: job }) => {
    const answer = await http.request({
      method: "POST",
      path: `${pathname}/1000/messages`,
      headers,
      body: postBody(job),
    });
    const { messages } = await answer.body.json();
    await rows.query(WRITE_ROWS, [job.id, `Hoi ${job.name}, vandaag korting`, messages[0].id]);
    if (--left === 0) allDone();
  };
  const boss = new PgBoss({ connectionString, ...options, max: 10 });
  await boss.start();
  for (let n = 0; n < WORKERS; n++)
    await boss.work("send", { batchSize: 500, pollingIntervalSeconds: 0.5 }, (jobs) =>
      Promise.all(jobs.map(send)),
    );
  await finished;
  await boss.stop({ graceful: true, wait: true, timeout: 10_000 });
  await rows.end();
  await http.close();
}

const [first, ...rest] = process.argv.slice(2);
if (first === "fill") await fill(rest[0]);
else await work(first, rest[0], Number(rest[1]), Number(rest[2]));
