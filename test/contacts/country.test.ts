import { describe, expect, it } from "vitest";
import { countryPrefixes } from "../../src/contacts/country.ts";

describe("the phones of a country", () => {
  it.each([
    ["+31612345678", ["+31"]],
    ["+4915112345678", ["+49"]],
    ["+351912345678", ["+351"]],
  ])("%s: begin with its calling code", async (phone, prefixes) => {
    expect(await countryPrefixes(phone)).toEqual(prefixes);
  });

  it("are told apart where countries share a calling code", async () => {
    const canada = await countryPrefixes("+14165550123");
    expect(canada).toContain("+1416");
    expect(canada).toContain("+1604");
    expect(canada).not.toContain("+1212");
    const kazakhstan = await countryPrefixes("+77011234567");
    expect(kazakhstan).toContain("+7701");
    expect(kazakhstan).not.toContain("+7916");
  });

  it("are none for what is no number", async () => {
    expect(await countryPrefixes("+999")).toEqual([]);
  });
});
