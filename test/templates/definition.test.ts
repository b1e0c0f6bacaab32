import { describe, expect, it } from "vitest";
import {
  bodyVariables,
  headerMedia,
  neededValues,
  parameterFormatOf,
} from "../../src/templates/components.ts";
import { templateSchema } from "../../src/templates/definition.ts";

const template = (components: object[], more: object = {}) => ({
  kind: "template",
  name: "black_friday",
  language: "nl",
  category: "MARKETING",
  components,
  ...more,
});
const body = (text: string) => ({ type: "BODY", text });
const buttons = (...given: object[]) => ({ type: "BUTTONS", buttons: given });

/** `components.0.text: what is wrong`, for each fault. */
function faultsOf(definition: object): string[] {
  const read = templateSchema.safeParse(definition);
  return read.success ? [] : read.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
}

describe("a template's definition", () => {
  it("is that of the documents", () => {
    const stop = { type: "QUICK_REPLY", text: "Stop promoties" };
    const read = templateSchema.parse(template([body("Hoi {{1}}, vandaag {{2}} korting"), buttons(stop)]));
    expect(read).toMatchObject({ status: "APPROVED", category: "MARKETING" });
    expect(bodyVariables(read.components)).toEqual(["1", "2"]);
    expect(parameterFormatOf(read.components)).toBe("POSITIONAL");
  });

  it.each<[string, object, string]>([
    ["a name with capitals", template([body("x")], { name: "Black-Friday" }), "name: use a–z"],
    ["a language in words", template([body("x")], { language: "Dutch" }), "language: write a language code"],
    ["no body", template([{ type: "FOOTER", text: "x" }]), "components: there is no BODY"],
    ["two bodies", template([body("x"), body("y")]), "components: there are 2 BODY components"],
    ["a body of 1025 characters", template([body("x".repeat(1025))]), "components.0.text: "],
    [
      "a footer of 61 characters",
      template([body("x"), { type: "FOOTER", text: "x".repeat(61) }]),
      "components.1.text: ",
    ],
    [
      "a label of 26 characters",
      template([body("x"), buttons({ type: "QUICK_REPLY", text: "x".repeat(26) })]),
      "components.1.buttons.0.text: ",
    ],
    [
      "eleven buttons",
      template([body("x"), buttons(...Array(11).fill({ type: "QUICK_REPLY", text: "x" }))]),
      "components.1.buttons: ",
    ],
    ["a gap in its numbers", template([body("{{1}} {{3}}")]), "components.0.text: variables are numbered"],
    ["numbers from 0", template([body("{{0}}")]), "components.0.text: variables are numbered"],
    ["names beside numbers", template([body("{{1}} {{naam}}")]), "components: numbered and named variables"],
    [
      "a named body under a numbered header",
      template([{ type: "HEADER", format: "TEXT", text: "{{1}}" }, body("{{naam}}")]),
      "components: numbered and named",
    ],
    [
      "a variable of two words",
      template([body("Hoi {{voor naam}}")]),
      "components.0.text: a variable is written",
    ],
    ["braces that do not close", template([body("Hoi {{1}")]), "components.0.text: a variable is written"],
    [
      "a text header without text",
      template([{ type: "HEADER", format: "TEXT" }, body("x")]),
      "components.0: a TEXT header needs its text",
    ],
    [
      "an image header with text",
      template([{ type: "HEADER", format: "IMAGE", text: "x" }, body("x")]),
      "components.0: a header of format IMAGE",
    ],
    [
      "two variables in its header",
      template([{ type: "HEADER", format: "TEXT", text: "{{1}} {{2}}" }, body("x")]),
      "components.0.text: a header has one",
    ],
    [
      "a variable in its footer",
      template([body("x"), { type: "FOOTER", text: "{{1}}" }]),
      "components.1.text: a footer has no variables",
    ],
    [
      "a link that is none",
      template([body("x"), buttons({ type: "URL", text: "x", url: "javascript:alert(1)" })]),
      "components.1.buttons.0.url: write a link",
    ],
    [
      "a variable within a link",
      template([body("x"), buttons({ type: "URL", text: "x", url: "https://x.nl/{{1}}/a" })]),
      "components.1.buttons.0.url: a link's variable",
    ],
  ])("is refused with %s", (_what, definition, fault) => {
    expect(faultsOf(definition)).toEqual([expect.stringContaining(fault)]);
  });
});

describe("what a template needs", () => {
  const read = (components: object[]) => templateSchema.parse(template(components)).components;

  it("is the body's variables, the header's, and those of its buttons by their place", () => {
    const components = read([
      { type: "HEADER", format: "TEXT", text: "Dag {{naam}}" },
      body("{{korting}} voor {{naam}}"),
      buttons(
        { type: "QUICK_REPLY", text: "Stop" },
        { type: "URL", text: "Bekijk", url: "https://x.nl/{{1}}" },
        { type: "URL", text: "Winkel", url: "https://x.nl" },
        { type: "COPY_CODE" },
      ),
    ]);
    expect(parameterFormatOf(components)).toBe("NAMED");
    expect(neededValues(components)).toEqual([
      { name: "header_naam", longest: 60 },
      { name: "korting", longest: 1024 },
      { name: "naam", longest: 1024 },
      { name: "button_1", longest: 2000 },
      { name: "button_3", longest: 15 },
    ]);
  });

  it("is numbers in their order, wherever they stand, each once", () => {
    expect(
      bodyVariables(read([body("{{2}} {{1}} {{10}} {{3}}{{4}}{{5}}{{6}}{{7}}{{8}}{{9}} {{2}}")])),
    ).toEqual(Array.from({ length: 10 }, (_, n) => String(n + 1)));
  });

  it("is a file for a header of media", () => {
    expect(headerMedia(read([{ type: "HEADER", format: "DOCUMENT" }, body("x")]))).toBe("document");
    expect(headerMedia(read([{ type: "HEADER", format: "TEXT", text: "x" }, body("x")]))).toBeUndefined();
    expect(headerMedia(read([body("x")]))).toBeUndefined();
  });
});
