import pg from "pg";
import { UserError } from "../errors.ts";

/**
 * The URL with which a connection is opened: off this machine TLS, with the certificate and the server's name verified,
 * whatever `sslmode` asks for less. Only `sslmode=disable`, written out in the URL, leaves it (a network of one's own);
 * PGSSLMODE does not count. On a socket or on loopback the URL stays as it is.
 * @throws UserError for `sslmode=no-verify`: encrypted towards whoever answers
 */
export function secureUrl(url: string): string {
  const [place = "", query = ""] = url.split(/\?(.*)/s);
  const wanted = new URLSearchParams(query);
  const mode = wanted.get("sslmode") ?? undefined;
  if (mode === "disable") return url;
  for (const name of ["ssl", "uselibpqcompat", "sslmode"]) wanted.delete(name);
  const bare = wanted.size === 0 ? place : `${place}?${wanted}`;
  if (mode === undefined && isThisMachine(hostOf(bare))) return url;
  if (mode === "no-verify") {
    throw new UserError("the database URL asks for sslmode=no-verify: anybody could answer as the database", {
      hint: "Name who vouches for the server: sslrootcert=/path/ca.pem. On a network of your own: sslmode=disable.",
    });
  }
  wanted.set("sslmode", "verify-full");
  return `${place}?${wanted}`;
}

/** As node-postgres finds it: the query's, the URL's, PGHOST, localhost. */
function hostOf(url: string): string {
  return new pg.Client({ connectionString: `${url}${url.includes("?") ? "&" : "?"}sslmode=disable` }).host;
}

function isThisMachine(host: string): boolean {
  return host.startsWith("/") || /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
