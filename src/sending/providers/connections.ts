import { Pool } from "undici";

/** Keep-alive connections, shared by the lanes that go to the same host. */
export class Connections {
  readonly #most: number;
  readonly #pools = new Map<string, Pool>();

  /** @param most connections to one host */
  constructor(most: number) {
    this.#most = most;
  }

  to(origin: string): Pool {
    const known = this.#pools.get(origin);
    if (known !== undefined) return known;
    const pool = new Pool(origin, {
      connections: this.#most,
      pipelining: 1,
      connect: { timeout: 10_000 },
      headersTimeout: 0, // an exchange has a deadline of its own
      bodyTimeout: 0,
    });
    this.#pools.set(origin, pool);
    return pool;
  }

  /** What is still open is given up. */
  async close(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.destroy()));
  }
}
