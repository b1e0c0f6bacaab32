// graphile-worker as its manual makes it fast: a local queue, completion in batches. fill DATABASE | URL DATABASE AT_ONCE MESSAGES
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";
import { Pool } from "undici";
import { postBody, postHeaders, WRITE_ROWS } from "./post.mjs";

const logger = new Logger(() => () => {});

async function fill(connectionString) {
  const utils = await makeWorkerUtils({ connectionString, logger });
  await utils.migrate();
  await utils.withPgClient((client) =>
    client.query(
      `select count(*) from graphile_worker.add_jobs(array(
         select row('send', json_build_object('id', j.id, 'phone', c.phone, 'name', c.first_name), null, now(), 1, null, 0, null)::graphile_worker.job_spec
           from bulk_message_jobs j join contacts c on c.id = j.contact_id where j.status = 'pending'))`,
    ),
  );
  await utils.release();
}

async function work(url, connectionString, atOnce, messages) {
  const { origin, pathname } = new URL(url);
  const http = new Pool(origin, { connections: atOnce, pipelining: 1 });
  const pgPool = new pg.Pool({ connectionString, max: 20 });
  const headers = postHeaders("token");
  let left = messages;
  let allDone;
  const finished = new Promise((resolve) => {
    allDone = resolve;
  });
  const send = async (job, { withPgClient }) => {
    const answer = await http.request({
      method: "POST",
      path: `${pathname}/1000/messages`,
      headers,
      body: postBody(job),
    });
    const { messages } = await answer.body.json();
    await withPgClient((client) =>
      client.query(WRITE_ROWS, [job.id, `Hoi ${job.name}, vandaag korting`, messages[0].id]),
    );
    if (--left === 0) allDone();
  };
  const preset = {
    worker: {
      concurrentJobs: atOnce,
      localQueue: { size: 500 },
      completeJobBatchDelay: 10,
      failJobBatchDelay: 10,
      pollInterval: 500,
    },
  };
  const runner = await run({ pgPool, taskList: { send }, preset, logger, noHandleSignals: true });
  await finished;
  await runner.stop();
  await pgPool.end();
  await http.close();
}

const [first, ...rest] = process.argv.slice(2);
if (first === "fill") await fill(rest[0]);
else await work(first, rest[0], Number(rest[1]), Number(rest[2]));
