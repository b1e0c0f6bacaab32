import { describe, expect, it } from "vitest";
import { isSigned, signBody } from "../../src/webhooks/signature.ts";

/** The reference's vector (§5.2): raw bytes as Meta sends them, non-ASCII escaped. */
const SECRET = "0123456789abcdef0123456789abcdef";
const BODY = Buffer.from(
  String.raw`{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Zo\u00eb"},"wa_id":"31612345678"}],"messages":[{"from":"31612345678","id":"wamid.TEST1","timestamp":"1749416383","type":"text","text":{"body":"stop \ud83d\ude4f"}}]},"field":"messages"}]}]}`,
);
const HEADER = "sha256=1cb6872b5086887f29891d63714cd4e4ed91999cbaf39e867f56457ef5937214";

describe("the signature of a webhook", () => {
  it("is Meta's HMAC over the raw body", () => {
    expect(signBody(BODY, SECRET)).toBe(HEADER);
    expect(isSigned(BODY, HEADER, SECRET)).toBe(true);
  });

  it("signs text as its UTF-8 bytes", () => {
    expect(signBody("Zoë 🙏", SECRET)).toBe(signBody(Buffer.from("Zoë 🙏"), SECRET));
  });

  it("does not survive parsing and writing the JSON again", () => {
    const again = Buffer.from(JSON.stringify(JSON.parse(BODY.toString())));
    expect(signBody(again, SECRET)).toBe(
      "sha256=a45cbcd9fc8e1f4dfbf324ea382ac54bbec40f7e1ea62328b9f0944d80c5b72a",
    );
    expect(isSigned(again, HEADER, SECRET)).toBe(false);
  });

  it.each([
    ["missing", undefined],
    ["empty", ""],
    ["cut short", HEADER.slice(0, -1)],
    ["longer", `${HEADER}0`],
    ["of another algorithm", HEADER.replace("sha256=", "sha1=")],
    ["bare", HEADER.slice("sha256=".length)],
    ["of other characters with as many bytes", `sha256=${"é".repeat(32)}`],
    ["by another secret", signBody(BODY, "another")],
  ])("is refused when the header is %s", (_how, header) => {
    expect(isSigned(BODY, header, SECRET)).toBe(false);
  });
});
