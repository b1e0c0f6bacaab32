import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";

const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

export interface TlsDatabase {
  port: number;
  /** what arrived after the request for TLS and was no TLS, and what came through it */
  heard: { plain: number; secured: number };
}

/**
 * PostgreSQL behind TLS, on all of this machine's loopback names: the certificate is the test's, the database is real.
 * @param identity undefined: a server without TLS, as it says itself
 */
export async function serveWithTls(
  databaseUrl: string,
  identity?: { cert: string; key: string },
): Promise<TlsDatabase> {
  const { searchParams } = new URL(databaseUrl);
  const socketPath = `${searchParams.get("host")}/.s.PGSQL.${searchParams.get("port")}`;
  const heard = { plain: 0, secured: 0 };
  const open = new Set<Socket>();
  const server = createServer(async (client) => {
    open.add(client.on("error", () => {}));
    const [first] = (await once(client, "data").catch(() => [])) as [Buffer?];
    if (first === undefined || !first.equals(SSL_REQUEST)) {
      heard.plain += first?.length ?? 0;
      client.destroy();
      return;
    }
    if (identity === undefined) {
      client.on("data", (chunk) => {
        heard.plain += chunk.length;
      });
      client.write("N");
      return;
    }
    client.write("S");
    const secured = new TLSSocket(client, { isServer: true, ...identity });
    const postgres = connect(socketPath);
    open.add(postgres);
    for (const side of [secured, postgres])
      side.on("error", () => {
        secured.destroy();
        postgres.destroy();
      });
    secured.on("data", (chunk) => {
      heard.secured += chunk.length;
    });
    secured.pipe(postgres).pipe(secured);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, heard };
}
