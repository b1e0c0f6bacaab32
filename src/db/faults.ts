import { ExitCode, UserError } from "../errors.ts";

const UNREACHABLE = new Set([
  "ECONNREFUSED",
  "ENOENT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "ECONNRESET",
  "EPIPE",
  "EHOSTUNREACH",
  "ENETUNREACH",
]);

/** SQLSTATEs (and classes) that mean: the same command may work in a minute. */
const TRANSIENT = /^(08...|53...|57P0[1-5]|25006|25P03)$/;

/** What OpenSSL and Node answer for a certificate that is another's, out of date, or that nobody vouches for. */
const UNVERIFIED =
  /^(ERR_TLS_CERT_ALTNAME_INVALID|CERT_\w+|(DEPTH_ZERO_)?SELF_SIGNED_CERT\w*|UNABLE_TO_(GET_ISSUER|VERIFY_LEAF)\w+)$/;
const NO_TLS = "The server does not support SSL connections";

/**
 * What a person is told when the database is away, full, shutting down or read-only: one line and exit 75.
 * Undefined for any other error. Neither the URL nor the SQL is repeated.
 */
export function connectionFault(error: unknown): UserError | undefined {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  if (code === "28P01" || code === "28000") {
    return new UserError("the database refuses this login", {
      hint: "Look at the user and password of DATABASE_URL.",
      exitCode: ExitCode.Failed,
      cause: error,
    });
  }
  if (code === "3D000") {
    return new UserError(`the database does not exist: ${message}`, {
      hint: "Create it, or mend DATABASE_URL.",
      exitCode: ExitCode.Failed,
      cause: error,
    });
  }
  if (UNVERIFIED.test(code) || message === NO_TLS) {
    return new UserError(`the database's certificate is not trusted (${code || "the server has no TLS"})`, {
      hint: "Off this machine TLS is verified: sslrootcert=/path/ca.pem in the URL names who vouches for it, and its name is the URL's host. On a network of your own: sslmode=disable.",
      exitCode: ExitCode.Failed,
      cause: error,
    });
  }
  const dropped =
    /^(Connection terminated|timeout exceeded|Client has encountered a connection error|Connection ended)/i.test(
      message,
    );
  if (!UNREACHABLE.has(code) && !TRANSIENT.test(code) && !dropped) return undefined;
  const what =
    code === "25006"
      ? "is read-only"
      : code === "53100"
        ? "has no room left on its disk"
        : code.startsWith("53")
          ? "has no room for another connection"
          : "cannot be reached";
  return new UserError(`the database ${what} (${code || message})`, {
    hint: "Nothing was lost; try again. `adsapp db status` tells about the embedded one, DATABASE_URL names another.",
    exitCode: ExitCode.TryAgain,
    cause: error,
  });
}

/** A table or function that the migrations made, and a script has dropped since. Undefined for any other error. */
export function goneFault(error: unknown): UserError | undefined {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  if (code !== "42P01" && code !== "42883") return undefined;
  const name = /"([^"]+)"/.exec(message)?.[1] ?? / (\w+)\(/.exec(message)?.[1];
  const what = `no ${code === "42P01" ? "table" : "function"}${name === undefined ? "" : ` "${name}"`}`;
  return new UserError(`the database has ${what} any more`, {
    hint: "Something has dropped it, and this needs it: restore a backup, or begin anew in an empty database (adsapp migrate up).",
    exitCode: ExitCode.Failed,
    cause: error,
  });
}

/**
 * Before the first migration there is no role to act as (22023), or it is another database's (42501), and no table of
 * migrations (42P01); after the last one was taken back the role may read nothing (42501).
 */
export function tellNoSchema(error: unknown): never {
  const { code } = error as { code?: string };
  if (code !== "22023" && code !== "42501" && code !== "42P01") throw error;
  throw new UserError("the database has no adsapp schema yet", {
    hint: "Run: adsapp migrate up",
    exitCode: ExitCode.Failed,
    cause: error,
  });
}
