// The loop of the source document, for a broadcast: a hundred due rows, and for each one, in turn, the message and what
// follows from it. Its minute of rest between the hundreds is left out. URL DATABASE
import pg from "pg";
import { postBody, postHeaders, WRITE_ROWS } from "./post.mjs";

const [url, database] = process.argv.slice(2);
const client = new pg.Client(database);
await client.connect();
for (;;) {
  const due = await client.query(
    `select j.id, c.phone, c.first_name as name from bulk_message_jobs j join contacts c on c.id = j.contact_id
      where j.status = 'pending' order by j.seq limit 100`,
  );
  if (due.rows.length === 0) break;
  for (const job of due.rows) {
    const answer = await fetch(`${url}/1000/messages`, {
      method: "POST",
      headers: postHeaders("token"),
      body: postBody(job),
    });
    const { messages } = await answer.json();
    await client.query(WRITE_ROWS, [job.id, `Hoi ${job.name}, vandaag korting`, messages[0].id]);
  }
}
await client.end();
