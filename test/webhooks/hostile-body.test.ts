import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readBody, readStatuses } from "../../src/webhooks/body.ts";
import { changeBody, type MessageGiven, messagesBody } from "./messages.ts";
import { bodyOf, NUMBER } from "./setup.ts";

const only = (body: string) => {
  const statuses = readStatuses(body);
  expect(statuses).toHaveLength(1);
  return statuses[0];
};

describe("a hostile webhook body", () => {
  it.each([
    ["", /^not JSON: /],
    ["STOP", /^not JSON: /],
    [`{"object":"whatsapp_business_account","entry":`, /^not JSON: /],
    ["[]", /"object" is not/],
    ["null", /"object" is not/],
    [`{"object":"page","entry":[]}`, /"object" is not/],
    [`{"object":["whatsapp_business_account"],"entry":[]}`, /"object" is not/],
    [`{"object":"whatsapp_business_account"}`, /"entry" is not a list/],
    [`{"object":"whatsapp_business_account","entry":{}}`, /"entry" is not a list/],
  ])("is refused with its reason: %s", (body, reason) => {
    expect(() => readStatuses(body)).toThrow(reason);
  });

  it("quotes no more of itself than a line", () => {
    expect.assertions(1);
    try {
      readStatuses(`{"a":${"x".repeat(100_000)}`);
    } catch (error) {
      expect((error as Error).message.length).toBeLessThanOrEqual(200);
    }
  });

  it("has no message id that an index cannot hold, and no text that PostgreSQL refuses", () => {
    expect(readStatuses(bodyOf([{ id: "x".repeat(513), status: "sent" }]))).toEqual([]);
    expect(readStatuses(bodyOf([{ id: "wamid.\u0000", status: "sent" }]))).toEqual([]);
    expect(readStatuses(bodyOf([{ status: "sent" }], "1\u0000"))).toEqual([]);
    const hostile = {
      category: "a\u0000\ud800b",
      further: { deep: true },
      billable: "yes",
      type: { toString: 1 },
    };
    expect(only(bodyOf([{ status: "sent", pricing: hostile }]))?.pricing).toEqual({ category: "a\ufffdb" });
    const error = only(
      bodyOf([{ status: "failed", errors: [{ code: 1e300, title: `\u0000\udc00${"x".repeat(9_000)}` }] }]),
    );
    expect(error).toMatchObject({ errorCode: null });
    expect(error?.error).toMatch(/^\ufffdx{490,499}$/);
  });

  it("may be nested as deep as it likes", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const body = bodyOf([{ status: "sent", pricing: { type: "DEEP" }, errors: "DEEP" }]).replaceAll(
      '"DEEP"',
      deep,
    );
    expect(only(body)).toMatchObject({ status: "sent", pricing: {}, error: null });
  });

  it("has messages that are cut to what a row holds, and hold up none beside them", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`k${i}`, "x".repeat(50)]));
    const messages: MessageGiven[] = [
      { from: "31612345678", text: { body: `\u0000\ud800${"stop ".repeat(10_000)}` } },
      { from: "31612345678", type: "hologram", hologram: "DEEP" },
      { from: "31612345678", type: "order", order: { ["__proto__"]: { a: 1 }, "a\u0000b": 1e300, wide } },
      { from: "31612345678", id: "wamid.beside" },
    ];
    const { inbound } = readBody(messagesBody(messages).replaceAll('"DEEP"', deep));
    expect(inbound).toHaveLength(4);
    expect(inbound.at(-1)).toMatchObject({ wamid: "wamid.beside", body: "Hallo" });
    for (const message of inbound) expect(JSON.stringify(message).length).toBeLessThan(100_000);
    expect(inbound[0]?.body).toMatch(/^\ufffdstop /);
    expect(inbound[0]?.body).toHaveLength(4_095);
  });

  it("gives statuses and messages of bounded texts or an Error with a reason, whatever it is", () => {
    const word = fc.constantFrom(
      "sent",
      "failed",
      "read",
      "whatsapp_business_account",
      "messages",
      "1764000000",
      NUMBER,
    );
    const leaf = fc.oneof(word, fc.string({ unit: "binary" }), fc.double(), fc.boolean(), fc.constant(null));
    const key = fc.oneof(
      fc.constantFrom(
        "object",
        "entry",
        "changes",
        "field",
        "value",
        "metadata",
        "phone_number_id",
        "statuses",
      ),
      fc.constantFrom(
        "id",
        "status",
        "timestamp",
        "errors",
        "code",
        "error_data",
        "details",
        "pricing",
        "__proto__",
      ),
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        leaf,
        fc.array(tie("tree"), { maxLength: 3 }),
        fc.dictionary(key, tie("tree"), { maxKeys: 5 }),
      ),
    }));
    const status = fc.record(
      {
        id: leaf,
        status: leaf,
        timestamp: leaf,
        errors: tree,
        pricing: tree,
        biz_opaque_callback_data: leaf,
      },
      { requiredKeys: ["id", "status", "timestamp"] },
    );
    const message = fc.record(
      {
        from: fc.oneof(fc.constant("31612345678"), leaf),
        id: fc.oneof(fc.constant("wamid.IN1"), leaf),
        timestamp: fc.oneof(fc.constant("1764000000"), leaf),
        type: fc.oneof(
          fc.constantFrom("text", "button", "interactive", "image", "__proto__", "toString"),
          leaf,
        ),
        text: tree,
        button: tree,
        interactive: fc.oneof(tree, fc.record({ button_reply: tree, list_reply: tree, nfm_reply: tree })),
        context: tree,
      },
      { requiredKeys: ["from", "id", "timestamp", "type"] },
    );
    const body = fc.oneof(
      fc
        .tuple(fc.constantFrom("messages", "user_preferences"), fc.array(message, { maxLength: 4 }), tree)
        .map(([field, messages, contacts]) =>
          changeBody(field, { messages, user_preferences: messages, contacts }),
        ),
      fc.string(),
      tree.map((value) => JSON.stringify(value)),
      tree.map((entry) => JSON.stringify({ object: "whatsapp_business_account", entry })),
      fc.array(status, { maxLength: 4 }).map((statuses) => bodyOf(statuses as never)),
    );
    fc.assert(fc.property(body, isReadOrRefused), { numRuns: 2_000 });
  });
});

function isReadOrRefused(body: string): void {
  try {
    const { statuses, inbound } = readBody(body);
    for (const message of inbound) {
      expect(JSON.stringify(message).length).toBeLessThan(100_000);
      expect(JSON.stringify(message)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      expect(message.phone ?? message.bsuid).not.toBeNull();
    }
    for (const status of statuses) {
      expect(JSON.stringify(status).length).toBeLessThan(10_000);
      expect(JSON.stringify(status)).not.toMatch(/\\u0000|\\ud[89a-f]/i);
      expect(["sent", "delivered", "read", "failed"]).toContain(status.status);
      expect(status.at.getTime()).toBeGreaterThan(0);
    }
  } catch (error) {
    if (!/^(not JSON|not a WhatsApp webhook): ?/.test((error as Error).message)) throw error;
  }
}
