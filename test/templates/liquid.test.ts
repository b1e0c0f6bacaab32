import { describe, expect, it } from "vitest";
import { UserError } from "../../src/errors.ts";
import { compileText, type LiquidScope } from "../../src/templates/liquid.ts";

const scope: LiquidScope = {
  contact: {
    first_name: "Sanne",
    phone: "+31612345678",
    attributes: { city: "Utrecht", "last visit": "May", orders: [1, 2], size: 3 },
  },
  organization: { name: "Bakkerij Jansen" },
  campaign: { name: "Black Friday Sale" },
};
const NOBODY: LiquidScope = { ...scope, contact: { attributes: {} } };

const fill = async (text: string, who = scope) => (await compileText(text)).fill(who);
const fault = async (text: string): Promise<string> => {
  const error = await compileText(text).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message;
};

describe("a text", () => {
  it("without Liquid is the same for everyone", async () => {
    const compiled = await compileText("Hoi { daar } 100%");
    expect(compiled.varies).toBe(false);
    expect(compiled.fill(NOBODY)).toEqual({ text: "Hoi { daar } 100%" });
  });

  it.each([
    ["Hoi {{ contact.first_name }}", "Hoi Sanne"],
    ["{{ contact.attributes.city | upcase }}", "UTRECHT"],
    ['{{ contact.attributes["last visit"] }}', "May"],
    ["{{ organization.name }}: {{ campaign.name }}", "Bakkerij Jansen: Black Friday Sale"],
    ["{% if contact.attributes.city == 'Utrecht' %}hier{% else %}daar{% endif %}", "hier"],
    ["{% for n in contact.attributes.orders %}{{ n }};{% endfor %}", "1;2;"],
    ["{% assign who = contact.first_name %}{{ who | append: '!' }}", "Sanne!"],
  ])("may say %s", async (text, filled) => {
    expect(await fill(text)).toEqual({ text: filled });
  });

  it("lacks what the contact has not got, by name, unless a default stands in", async () => {
    expect(await fill("Hoi {{ contact.first_name }}", NOBODY)).toEqual({ missing: "contact.first_name" });
    expect(await fill("{{ contact.attributes.city }}", NOBODY)).toEqual({
      missing: "contact.attributes.city",
    });
    expect(await fill("Hoi {{ contact.first_name | default: 'klant' }}", NOBODY)).toEqual({
      text: "Hoi klant",
    });
    expect(await fill("{% if contact.first_name %}x{% else %}y{% endif %}", NOBODY)).toEqual({ text: "y" });
  });

  it.each([
    [
      "a typing error",
      "{{ contact.firstname }}",
      /contact\.firstname is not known; did you mean contact\.first_name\?/,
    ],
    ["another root", "{{ user.name }}", /user\.name is not known; did you mean/],
    ["a root by itself", "{{ contact }}", /contact is not known; did you mean/],
    ["a constructor", "{{ contact.constructor }}", /contact\.constructor is not known/],
    ["a prototype", "{{ contact.__proto__ }}", /contact\.__proto__ is not known/],
    ["a computed name", "{{ contact[campaign.name] }}", /is not known/],
    ["an unknown filter", "{{ contact.first_name | shout }}", /undefined filter: shout/],
    ["an open brace", "Hoi {{ contact.first_name", /not closed/],
    ["a file", "{% include 'secret' %}", /tag "include" not found/],
    ["a file to render", "{% render 'secret' %}", /tag "render" not found/],
    ["a layout", "{% layout 'secret' %}", /tag "layout" not found/],
    [
      "a template's notation",
      "Hoi {{1}}",
      /\{\{1\}\} is how templates write it; here it is \{\{ contact\.first_name \}\}/,
    ],
    [
      "more text than anyone writes",
      `{{ contact.first_name }}${"x".repeat(100_001)}`,
      /parse length limit exceeded/,
    ],
  ])("is refused for everyone with %s", async (_what, text, message) => {
    expect(await fault(text)).toMatch(message);
  });

  it("quotes itself, shortened, in its fault", async () => {
    expect(await fault(`{{ x }}${"y".repeat(500)}`)).toMatch(/^"\{\{ x \}\}y{53}…": x is not known/);
  });

  it.each([
    ["a loop without an end", "{% for i in (1..1000000000) %}x{% endfor %}"],
    [
      "loops within loops",
      "{% for i in (1..9000) %}{% for j in (1..9000) %}{% for k in (1..9000) %}{% endfor %}{% endfor %}{% endfor %}",
    ],
    [
      "a text that doubles",
      `{% assign a = "xxxxxxxxxx" %}${"{% assign a = a | append: a %}".repeat(30)}{{ a }}`,
    ],
    ["a list instead of a text", "{{ contact.attributes.orders }}"],
    ["an attribute's constructor", "{{ contact.attributes.constructor.name }}"],
  ])("is bounded: %s ends as a value, not as a crash", async (_what, text) => {
    const filled = await fill(text);
    expect(filled).toEqual({ missing: expect.any(String) });
  });
});
