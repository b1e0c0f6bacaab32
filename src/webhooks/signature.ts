import { createHmac, timingSafeEqual } from "node:crypto";

/** `sha256=<hex>` of the raw body under the app secret, as Meta's X-Hub-Signature-256 (reference §5.2). */
export function signBody(body: Buffer | string, appSecret: string): string {
  return `sha256=${createHmac("sha256", appSecret).update(body).digest("hex")}`;
}

/** Over the bytes as they were received, in constant time; a missing or misshapen header is no signature. */
export function isSigned(body: Buffer | string, header: string | undefined, appSecret: string): boolean {
  const expected = Buffer.from(signBody(body, appSecret));
  const given = Buffer.from(header ?? "");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
