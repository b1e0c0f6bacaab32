import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UserError } from "../../src/errors.ts";
import { checkedApiUrl } from "../../src/senders/check.ts";

describe("the API's URL of a sender", () => {
  it.each([
    ["https://graph.facebook.com/v25.0", "https://graph.facebook.com/v25.0"],
    ["https://graph.facebook.com", "https://graph.facebook.com/v25.0"],
    ["https://GRAPH.facebook.com/v19.0/", "https://graph.facebook.com/v19.0"],
    ["https://proxy.example:8443/whatsapp/v25.0", "https://proxy.example:8443/whatsapp/v25.0"],
    ["http://127.0.0.1:4010", "http://127.0.0.1:4010/v25.0"],
    ["http://127.9.9.9:4010/", "http://127.9.9.9:4010/v25.0"],
    ["http://127.1:4010", "http://127.0.0.1:4010/v25.0"],
    ["http://localhost:4010/v25.0", "http://localhost:4010/v25.0"],
    ["http://[::1]:4010", "http://[::1]:4010/v25.0"],
  ])("%s becomes %s", (given, kept) => {
    expect(checkedApiUrl(given)).toBe(kept);
    expect(checkedApiUrl(kept)).toBe(kept);
  });

  it.each([
    ["http://graph.facebook.com/v25.0", "is not https"],
    ["http://127.0.0.1.evil.example/v25.0", "is not https"],
    ["http://localhost.evil.example", "is not https"],
    ["http://0.0.0.0:4010", "is not https"],
    ["http://10.0.0.1:4010", "is not https"],
    ["http://[::ffff:10.0.0.1]:4010", "is not https"],
    ["ftp://127.0.0.1/v25.0", "is not https"],
    ["file:///etc/passwd", "is not https"],
    ["javascript:alert(1)", "is not https"],
    ["https://user:geheim@graph.facebook.com/v25.0", "must hold no user or password"],
    ["https://token@graph.facebook.com", "must hold no user or password"],
    ["https://graph.facebook.com/messages", "must end in a version"],
    ["https://graph.facebook.com/v25", "must end in a version"],
    ["https://graph.facebook.com/../v25.0/x", "must end in a version"],
    ["graph.facebook.com", "is not a URL"],
    ["", "is not a URL"],
  ])("%s is refused", (given, fault) => {
    expect(() => checkedApiUrl(given)).toThrow(fault);
    expect(() => checkedApiUrl(given)).toThrow(UserError);
    expect(() => checkedApiUrl(given)).not.toThrow("geheim");
  });

  it("is refused or plain: https, or http on loopback, without a user, ending in a version", () => {
    const urls = fc.oneof(
      fc.webUrl({ validSchemes: ["http", "https"], withQueryParameters: true }),
      fc.string(),
    );
    fc.assert(
      fc.property(urls, (given) => {
        let kept: URL;
        try {
          kept = new URL(checkedApiUrl(given));
        } catch (error) {
          expect(error).toBeInstanceOf(UserError);
          return;
        }
        expect(
          kept.protocol === "https:" || kept.hostname === "localhost" || /^127\./.test(kept.hostname),
        ).toBe(true);
        expect([kept.username, kept.password, kept.search, kept.hash]).toEqual(["", "", "", ""]);
        expect(kept.pathname).toMatch(/\/v\d+\.\d+$/);
      }),
    );
  });
});
