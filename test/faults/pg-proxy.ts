import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What becomes of a COMMIT: it goes through; it never arrives; it is done, and its answer never comes. */
export type CommitFate = "pass" | "lost" | "unanswered";

interface Session {
  client: Socket;
  server: Socket;
  /** bytes of the client's until the line breaks */
  left: number;
  /** the answer of the COMMIT that is under way is not to arrive */
  muted: boolean;
}

/** node-postgres sends `commit` as a simple query, in one piece. */
const COMMIT = Buffer.concat([Buffer.from("Q"), Buffer.from([0, 0, 0, 11]), Buffer.from("commit\0")]);

/** A TCP proxy in front of PostgreSQL, on 127.0.0.1, that breaks connections as a test says. */
export class PgProxy {
  readonly #socketPath: string;
  readonly #url: URL;
  readonly #server = createServer((client) => this.#accept(client));
  readonly #sessions = new Set<Session>();
  #refusing = false;
  #paused = false;
  /** how many bytes a new session may send before its line breaks */
  bytesOf: () => number = () => Number.POSITIVE_INFINITY;
  fateOfCommit: () => CommitFate = () => "pass";
  /** sessions that were broken, by any means */
  broken = 0;
  /** connections that were refused */
  refused = 0;

  constructor(databaseUrl: string) {
    this.#url = new URL(databaseUrl);
    const { searchParams } = this.#url;
    this.#socketPath = `${searchParams.get("host")}/.s.PGSQL.${searchParams.get("port")}`;
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  /** of the same database, through this proxy */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `postgresql://${this.#url.username}@127.0.0.1:${port}${this.#url.pathname}?sslmode=disable`;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  /** Breaks every session at once. */
  cutAll(): void {
    for (const session of this.#sessions) this.#break(session);
  }

  /** New connections are closed as soon as they stand. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  /** Holds back every byte in both directions; connections stand. */
  pause(paused: boolean): void {
    this.#paused = paused;
    for (const { client, server } of this.#sessions)
      for (const socket of [client, server]) paused ? socket.pause() : socket.resume();
  }

  async close(): Promise<void> {
    this.cutAll();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    if (this.#refusing) {
      this.refused++;
      client.destroy();
      return;
    }
    const server = connect(this.#socketPath);
    const session: Session = { client, server, left: this.bytesOf(), muted: false };
    this.#sessions.add(session);
    client.on("data", (chunk) => this.#forward(session, chunk));
    server.on("data", (chunk) => {
      if (session.muted) this.#break(session);
      else client.write(chunk);
    });
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.on("error", () => {});
      socket.on("close", () => {
        this.#sessions.delete(session);
        other.end();
      });
    }
    if (this.#paused) for (const socket of [client, server]) socket.pause();
  }

  #forward(session: Session, chunk: Buffer): void {
    const fate = chunk.includes(COMMIT) ? this.fateOfCommit() : "pass";
    session.left -= chunk.length;
    session.muted = fate === "unanswered";
    if (fate === "lost" || session.left < 0) this.#break(session);
    else session.server.write(chunk);
  }

  #break(session: Session): void {
    if (!this.#sessions.delete(session)) return;
    this.broken++;
    session.client.resetAndDestroy();
    session.server.destroy();
  }
}

/** A proxy in front of this database, closed with the test. */
export async function startPgProxy(databaseUrl: string): Promise<PgProxy> {
  const proxy = new PgProxy(databaseUrl);
  await proxy.listen();
  onTestFinished(() => proxy.close());
  return proxy;
}
