// The Cloud API's cheapest stand-in, a process of its own: takes any POST and accepts it after LATENCY ms. It reads no
// more of a request than its length, so that what is measured is the client. Tells its parent the port, and on "take"
// how many it accepted since, and when the first came.
import { createServer } from "node:net";

const latency = Number(process.argv[2]);
const HEAD_END = Buffer.from("\r\n\r\n");
let accepted = 0;
let total = 0;
let firstAt = 0;

function answer(socket) {
  accepted++;
  if (firstAt === 0) firstAt = performance.timeOrigin + performance.now();
  const body = `{"messaging_product":"whatsapp","contacts":[{"input":"1","wa_id":"1"}],"messages":[{"id":"wamid.bench.${process.pid}.${++total}"}]}`;
  const text = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  if (latency === 0) socket.write(text, "latin1");
  else setTimeout(() => socket.write(text, "latin1"), latency);
}

const server = createServer({ noDelay: true }, (socket) => {
  let rest = Buffer.alloc(0);
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (;;) {
      const head = rest.indexOf(HEAD_END);
      if (head < 0) return;
      const length = /content-length: *(\d+)/i.exec(rest.latin1Slice(0, head))?.[1] ?? 0;
      const end = head + 4 + Number(length);
      if (rest.length < end) return;
      rest = rest.subarray(end);
      answer(socket);
    }
  });
});
process.on("message", () => {
  process.send({ accepted, firstAt });
  accepted = 0;
  firstAt = 0;
});
process.on("disconnect", () => process.exit(0));
server.listen(0, "127.0.0.1", 4096, () => process.send({ port: server.address().port }));
