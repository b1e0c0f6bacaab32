import { describe, expect, it } from "vitest";
import { maskPhone, maskSecrets, useColor, visible } from "../../src/cli/output/index.ts";

describe("maskPhone", () => {
  it("keeps the country and the end, and hides five signs at least", () => {
    expect(maskPhone("+31612345678")).toBe("+3161•••••78");
    expect(maskPhone("+123456789012345")).toBe("+1234•••••••••45");
    expect(maskPhone("+1234567")).toBe("+•••••67");
    expect(maskPhone("12345")).toBe("•••••");
  });
});

describe("maskSecrets", () => {
  it.each([
    [
      "connect postgresql://ads:geheim@db.local:5432/ads failed",
      "connect postgresql://ads:***@db.local:5432/ads failed",
    ],
    ["postgres://ads:p@ss:w/rd@host/db", "postgres://ads:***@host/db"],
    ["postgres://:geheim@host/db", "postgres://:***@host/db"],
    ["postgres://host/db?user=a&password=geheim&ssl=1", "postgres://host/db?user=a&password=***&ssl=1"],
    ["host=db password='ge heim' user=a", "host=db password=*** user=a"],
    ["ADSAPP_WEBHOOK_VERIFY_TOKEN=abc is set", "ADSAPP_WEBHOOK_VERIFY_TOKEN=*** is set"],
    ["authorization: Bearer EAAx.y-z/1= sent", "authorization: Bearer *** sent"],
    ['{"access_token":"a\\"b","to":"x"}', '{"access_token":"***","to":"x"}'],
    [`token EAA${"x".repeat(30)}!`, "token ***!"],
    ["contact +31612345678 not found", "contact +3161•••••78 not found"],
  ])("masks %s", (text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  it.each([
    "postgresql://db.local:5432/ads",
    "postgresql:///ads?host=/var/run",
    "http://127.0.0.1:8080/webhook",
    "phone number id 106540352242922, at 2026-11-27T10:00:00+0100",
    "the password must be longer",
  ])("leaves %s as it is", (text) => {
    expect(maskSecrets(text)).toBe(text);
  });
});

describe("visible", () => {
  it("shows controls, escapes, bidi and zero-width characters, fillers, tags and halves of characters", () => {
    expect(visible("\u0000\u001b\u007f\u009b\r\n\t")).toBe("\\x00\\x1b\\x7f\\x9b\\r\\n\\t");
    expect(visible("\u202e\u2066\u200b\u200d\u2028\ufeff")).toBe(
      "\\u202e\\u2066\\u200b\\u200d\\u2028\\ufeff",
    );
    expect(visible("\u3164\u034f\u{e0041}\ud800")).toBe("\\u3164\\u034f\\u{e0041}\\ud800");
  });

  it("leaves what people write", () => {
    const text = "Zoë O’Brien – 王小明 محمد 👍🏽 ❤️ \\ \u00a0";
    expect(visible(text)).toBe(text);
  });
});

describe("useColor", () => {
  const terminal = { isTTY: true };
  it.each([
    ["on a terminal", {}, terminal, false, true],
    ["not in a pipe", {}, {}, false, false],
    ["not with --no-color, whatever else", { FORCE_COLOR: "1" }, terminal, true, false],
    [
      "not with NO_COLOR, whatever FORCE_COLOR says",
      { NO_COLOR: "1", FORCE_COLOR: "1" },
      terminal,
      false,
      false,
    ],
    ["on a terminal with an empty NO_COLOR", { NO_COLOR: "" }, terminal, false, true],
    ["in a pipe with FORCE_COLOR", { FORCE_COLOR: "1" }, {}, false, true],
    ["not with FORCE_COLOR=0", { FORCE_COLOR: "0" }, terminal, false, false],
    ["not on a dumb terminal", { TERM: "dumb" }, terminal, false, false],
  ] as const)("colours %s", (_when, env, stream, flag, colours) => {
    expect(useColor(env, stream, flag)).toBe(colours);
  });
});
