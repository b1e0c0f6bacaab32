// What strangers hand in: arbitrary and nearly right, for every door where a file or a body comes in.
import fc from "fast-check";

/** Bytes that a CSV may be: text of the signs that matter, arbitrary bytes, and right rows with a piece gone wrong. */
export const csvBytes: fc.Arbitrary<Buffer> = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        '"',
        ";",
        ",",
        "\t",
        "|",
        "\n",
        "\r",
        "\r\n",
        "phone",
        "+31612345678",
        "=1+1",
        "é",
        "\u0000",
        " ",
        "__proto__",
        "\ufeff",
      ),
      {
        maxLength: 200,
      },
    )
    .map((parts) => Buffer.from(parts.join(""))),
  fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.nat(20), fc.nat(400), fc.uint8Array({ maxLength: 5 })).map(([rows, at, hurt]) => {
    const whole = Buffer.from(`phone;naam;tags\n${'0612345678;"Jan; de ""eerste""";vip\n'.repeat(rows + 1)}`);
    return Buffer.concat([whole.subarray(0, at % whole.length), hurt, whole.subarray(at % whole.length)]);
  }),
);

/** Texts that a definition may be: pieces of YAML, arbitrary text, nesting and aliases. */
export const yamlText: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(
      fc.constantFrom(
        "kind: broadcast\n",
        "kind: drip\n",
        "name: A\n",
        "type: promotional\n",
        "message: ",
        "{ type: text, content: Hoi }\n",
        "targetAudience: ",
        "{ type: all }\n",
        "steps: [",
        "]",
        "- ",
        "  ",
        "? ",
        ": ",
        "&a ",
        "*a ",
        "!!js/function ",
        "<<: *a\n",
        "|\n",
        ".nan",
        "1e400",
        "010",
        "__proto__: ",
        "---\n",
        "...\n",
        "{",
        "}",
        "'",
        '"',
        "\t",
        "\n",
        "%YAML 1.1\n",
      ),
      { maxLength: 60 },
    )
    .map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 500 }),
  fc
    .tuple(fc.constantFrom("[", "{a: ", "- "), fc.integer({ min: 1, max: 20_000 }))
    .map(([open, n]) => open.repeat(n)),
  fc.integer({ min: 1, max: 30 }).map((n) =>
    Array.from(
      { length: n },
      (_, i) =>
        `a${i}: &a${i} [${Array(9)
          .fill(i === 0 ? "x" : `*a${i - 1}`)
          .join(", ")}]`,
    ).join("\n"),
  ),
);

/** What may stand where a condition should. */
export const conditionLike: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  condition: fc.oneof(
    { maxDepth: 6, depthIdentifier: "condition" },
    fc.record({
      tag: fc.oneof(fc.string(), fc.constantFrom("vip", "'; drop table contacts; --", "\u0000", "$1")),
    }),
    fc.record({
      field: fc.constantFrom(
        "first_name",
        "attributes.city",
        "__proto__",
        "phone; select 1",
        "constructor",
        "attributes.a'b",
      ),
      op: fc.constantFrom("eq", "ne", "gt", "in", "contains", "exists", "or 1=1"),
      value: fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.array(fc.string(), { maxLength: 3 })),
    }),
    fc.record({ all: fc.array(tie("condition"), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie("condition"), { maxLength: 3 }) }),
    fc.record({ not: tie("condition") }),
    fc.anything({ withNullPrototype: true, withBigInt: false }),
  ),
})).condition;

const hostileName = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "vip",
    "'; drop table contacts; --",
    "$1",
    "x' or 'a'='a",
    "+31612345678",
    "\u0000",
    "\ud800",
  ),
);
const names = fc.array(hostileName, { maxLength: 4 });

/** What may stand where an audience should. */
export const audienceLike: fc.Arbitrary<unknown> = fc.oneof(
  fc.record({ type: fc.constant("tags"), tags: names, match: fc.constantFrom("any", "all") }),
  fc.record({ type: fc.constant("list"), list: hostileName }),
  fc.record({ type: fc.constant("contacts"), contacts: names }),
  fc.record({ type: fc.constant("all"), exclude: fc.record({ tags: names, lists: names }) }),
  fc.anything(),
);

/** Texts with Liquid in them, right and wrong. */
export const liquidText: fc.Arbitrary<string> = fc
  .array(
    fc.constantFrom(
      "Hoi ",
      "{{",
      "}}",
      "{%",
      "%}",
      " contact.first_name ",
      " contact.constructor ",
      " contact.__proto__.x ",
      " | default: 'x' ",
      " | append: contact.first_name ",
      " for i in (1..99999999) ",
      " endfor ",
      " if ",
      " endif ",
      " include 'x' ",
      " render 'x' ",
      " assign a = a | append: a ",
      " raw ",
      " endraw ",
      "\u0000",
      "'",
      '"',
      " capture a ",
      " endcapture ",
      "{{ 1 | times: 1e300 }}",
      " | pop ",
      " while ",
    ),
    { maxLength: 25 },
  )
  .map((parts) => parts.join(""));

/** Bodies that a webhook may be. */
export const webhookBody: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 500 }),
  fc.json({ maxDepth: 6 }),
  fc
    .tuple(fc.constantFrom("[", '{"a":'), fc.integer({ min: 1, max: 50_000 }))
    .map(([open, n]) => open.repeat(n)),
  fc
    .record({
      object: fc.constantFrom("whatsapp_business_account", "page", "__proto__"),
      entry: fc.oneof(
        fc.array(
          fc.record({
            id: fc.jsonValue(),
            changes: fc.oneof(
              fc.array(
                fc.record({
                  field: fc.constantFrom("messages", "account_update", "constructor"),
                  value: fc.record({
                    metadata: fc.oneof(fc.record({ phone_number_id: fc.jsonValue() }), fc.jsonValue()),
                    statuses: fc.oneof(
                      fc.array(
                        fc.dictionary(
                          fc.constantFrom(
                            "id",
                            "status",
                            "timestamp",
                            "errors",
                            "biz_opaque_callback_data",
                            "pricing",
                          ),
                          fc.jsonValue(),
                        ),
                      ),
                      fc.jsonValue(),
                    ),
                    messages: fc.oneof(
                      fc.array(
                        fc.dictionary(
                          fc.constantFrom("id", "from", "type", "text", "timestamp", "context", "button"),
                          fc.jsonValue(),
                        ),
                      ),
                      fc.jsonValue(),
                    ),
                  }),
                }),
                { maxLength: 3 },
              ),
              fc.jsonValue(),
            ),
          }),
          { maxLength: 3 },
        ),
        fc.jsonValue(),
      ),
    })
    .map((body) => JSON.stringify(body)),
);
