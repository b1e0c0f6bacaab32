// The ceiling: nothing but the POSTs, by the fastest client of Node's. URL MESSAGES AT_ONCE
import { Pool } from "undici";
import { postBody, postHeaders } from "./post.mjs";

const [url, messages, atOnce] = process.argv.slice(2);
const { origin, pathname } = new URL(url);
const pool = new Pool(origin, { connections: Number(atOnce), pipelining: 1 });
const headers = postHeaders("token");
let next = 0;

async function post() {
  while (next < Number(messages)) {
    const n = next++;
    const to = `+3161${String(n).padStart(7, "0")}`;
    const body = postBody({
      id: `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`,
      phone: to,
      name: `Persoon ${n}`,
    });
    const answer = await pool.request({ method: "POST", path: `${pathname}/1000/messages`, headers, body });
    JSON.parse(await answer.body.text());
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, post));
await pool.close();
