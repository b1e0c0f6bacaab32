import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Component } from "../../src/templates/definition.ts";
import { compileMessage, type FrozenDefinition, type Recipient } from "../../src/templates/message.ts";
import { messageSchema } from "../../src/templates/message-schema.ts";
import { cleanParameter } from "../../src/templates/values.ts";

const SANNE: Recipient = {
  phone: "+31612345678",
  firstName: "Sanne",
  lastName: null,
  email: null,
  language: "nl",
  attributes: { city: "Utrecht", code: null },
};
const BODY: Component = { type: "BODY", text: "Hoi {{1}}, vandaag {{2}} korting" };

const template = (components: Component[], parameterFormat: "POSITIONAL" | "NAMED" = "POSITIONAL") => ({
  name: "black_friday",
  language: "nl",
  parameterFormat,
  components,
});

async function render(message: object, frozen: FrozenDefinition["template"] = null, recipient = SANNE) {
  const definition = { name: "Black Friday Sale", message: messageSchema.parse(message), template: frozen };
  return (await compileMessage(definition, { organizationName: "Bakkerij Jansen" })).render(recipient);
}

const black = (variables: Record<string, string>, more: object = {}) => ({
  type: "template",
  template: "black_friday",
  variables,
  ...more,
});

describe("a template message", () => {
  it("has its numbered values in their order", async () => {
    expect(await render(black({ "2": "20%", "1": "{{ contact.first_name }}" }), template([BODY]))).toEqual({
      payload: {
        type: "template",
        template: {
          name: "black_friday",
          language: { code: "nl" },
          components: [
            {
              type: "body",
              parameters: [
                { type: "text", text: "Sanne" },
                { type: "text", text: "20%" },
              ],
            },
          ],
        },
      },
      text: "Hoi Sanne, vandaag 20% korting",
    });
  });

  it("has its named values with their names, in the header too", async () => {
    const components: Component[] = [
      { type: "HEADER", format: "TEXT", text: "Dag {{naam}}" },
      { type: "BODY", text: "{{korting}} voor {{naam}}" },
    ];
    const rendered = await render(
      black({ header_naam: "S.", naam: "{{contact.first_name}}", korting: "20%" }),
      template(components, "NAMED"),
    );
    expect(rendered).toMatchObject({
      payload: {
        template: {
          components: [
            { type: "header", parameters: [{ type: "text", parameter_name: "naam", text: "S." }] },
            {
              type: "body",
              parameters: [
                { type: "text", parameter_name: "korting", text: "20%" },
                { type: "text", parameter_name: "naam", text: "Sanne" },
              ],
            },
          ],
        },
      },
      text: "20% voor Sanne",
    });
  });

  it("leaves components out when nothing varies", async () => {
    const fixed: Component[] = [
      { type: "HEADER", format: "TEXT", text: "Dag" },
      { type: "BODY", text: "Tot zo" },
      { type: "BUTTONS", buttons: [{ type: "QUICK_REPLY", text: "Stop" }] },
    ];
    expect(await render(black({}), template(fixed))).toEqual({
      payload: { type: "template", template: { name: "black_friday", language: { code: "nl" } } },
      text: "Tot zo",
    });
  });

  it("has its header's file, the end of its link, and its code", async () => {
    const components: Component[] = [
      { type: "HEADER", format: "IMAGE" },
      { type: "BODY", text: "Kijk" },
      {
        type: "BUTTONS",
        buttons: [
          { type: "QUICK_REPLY", text: "Stop" },
          { type: "URL", text: "Bekijk", url: "https://x.nl/{{1}}" },
          { type: "COPY_CODE" },
        ],
      },
    ];
    const header = { image: { link: "https://x.nl/a.jpg" } };
    const rendered = await render(
      black({ button_1: "u/{{ contact.phone | remove: '+' }}", button_2: "HERFST15" }, { header }),
      template(components),
    );
    expect(rendered).toMatchObject({
      payload: {
        template: {
          components: [
            { type: "header", parameters: [{ type: "image", image: { link: "https://x.nl/a.jpg" } }] },
            {
              type: "button",
              sub_type: "url",
              index: "1",
              parameters: [{ type: "text", text: "u/31612345678" }],
            },
            {
              type: "button",
              sub_type: "copy_code",
              index: "2",
              parameters: [{ type: "coupon_code", coupon_code: "HERFST15" }],
            },
          ],
        },
      },
    });
  });

  it.each<[string, Record<string, string>, string]>([
    [
      "a value that the contact has not got",
      { "1": "{{ contact.last_name }}", "2": "x" },
      "contact.last_name",
    ],
    [
      "an attribute that is null",
      { "1": "{{ contact.attributes.code }}", "2": "x" },
      "contact.attributes.code",
    ],
    ["a value that nobody gave", { "1": "x" }, "value for {{2}}"],
    ["a value of spaces", { "1": "{{ contact.last_name | default: '  ' }}", "2": "x" }, "value for {{1}}"],
    [
      "a value that is too long",
      { "1": "{% for i in (1..1100) %}x{% endfor %}", "2": "x" },
      "value for {{1}} that fits: it would be 1100 characters, of 1024 at most",
    ],
    [
      "values that are too long together",
      { "1": "x".repeat(600), "2": "x".repeat(600) },
      "body that fits: it would be 1222 characters, of 1024 at most",
    ],
  ])("is not sent with %s", async (_what, variables, missing) => {
    expect(await render(black(variables), template([BODY]))).toEqual({ missing });
  });

  it("takes a value with braces for what it is", async () => {
    expect(
      await render(black({ "1": "{{ contact.first_name }}", "2": "20%" }), template([BODY]), {
        ...SANNE,
        firstName: "{{2}}",
      }),
    ).toMatchObject({
      text: "Hoi {{2}}, vandaag 20% korting",
    });
  });
});

describe("a value of a template", () => {
  it("is one line with single spaces where Meta refuses more", () => {
    expect(cleanParameter(" Bob\r\n\tvan\u2028der     Berg ")).toBe("Bob van der Berg");
    expect(cleanParameter("a   b")).toBe("a   b");
  });

  it("never holds what error 132018 is about, whatever a contact's fields hold", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("a", " ", "\n", "\r", "\t", "\u2028", "é") }), (text) => {
        expect(cleanParameter(text)).not.toMatch(/[\r\n\t]| {4}|^ | $/);
      }),
    );
  });
});

describe("a text or media message", () => {
  it("is filled in", async () => {
    expect(await render({ type: "text", text: "Hoi {{ contact.first_name }}\nTot zo" })).toEqual({
      payload: { type: "text", text: { body: "Hoi Sanne\nTot zo" } },
      text: "Hoi Sanne\nTot zo",
    });
    expect(
      await render({
        type: "document",
        link: "https://x.nl/a.pdf",
        filename: "a.pdf",
        caption: "Voor {{ contact.first_name }}",
      }),
    ).toEqual({
      payload: {
        type: "document",
        document: { link: "https://x.nl/a.pdf", filename: "a.pdf", caption: "Voor Sanne" },
      },
      text: "Voor Sanne",
    });
    expect(await render({ type: "image", id: "123" })).toEqual({
      payload: { type: "image", image: { id: "123" } },
      text: "[image]",
    });
  });

  it("is not sent empty, cut, or with a hole in it", async () => {
    expect(await render({ type: "text", text: "{{ contact.last_name }}" })).toEqual({
      missing: "contact.last_name",
    });
    expect(await render({ type: "text", text: "{{ contact.last_name | default: '' }}" })).toEqual({
      missing: "text: the message would be empty",
    });
    expect(await render({ type: "text", text: "{% for i in (1..5000) %}x{% endfor %}" })).toEqual({
      missing: "text that fits: it would be 5000 characters, of 4096 at most",
    });
  });

  it("is also the source document's content, in a file or in a row that was written by other means", async () => {
    const wanted = {
      payload: { type: "text", text: { body: "Speciale korting voor u!" } },
      text: "Speciale korting voor u!",
    };
    expect(await render({ type: "template", content: "Speciale korting voor u!" })).toEqual(wanted);
    expect(await render({ type: "text", content: "Speciale korting voor u!" })).toEqual(wanted);
    const row = {
      type: "text",
      content: "Speciale korting voor u!",
    } as unknown as FrozenDefinition["message"];
    const compiled = await compileMessage(
      { name: "x", message: row, template: null },
      { organizationName: "x" },
    );
    expect(compiled.render(SANNE)).toEqual(wanted);
  });
});

describe("a message's definition", () => {
  it.each<[string, object]>([
    ["a template and a text", { type: "template", template: "a", content: "b" }],
    ["neither", { type: "template" }],
    ["a file from two places", { type: "image", link: "https://x.nl/a.jpg", id: "1" }],
    ["a file from nowhere", { type: "video" }],
    ["a link to a file of this machine", { type: "image", link: "file:///etc/passwd" }],
    ["a link that varies", { type: "image", link: "https://x.nl/{{ contact.phone }}" }],
    ["a name for an image", { type: "image", link: "https://x.nl/a.jpg", filename: "a.jpg" }],
    [
      "two files in its header",
      { type: "template", template: "a", header: { image: { id: "1" }, video: { id: "2" } } },
    ],
    ["a text that is too long", { type: "text", text: "x".repeat(4097) }],
  ])("is refused with %s", (_what, message) => {
    expect(messageSchema.safeParse(message).success).toBe(false);
  });
});
