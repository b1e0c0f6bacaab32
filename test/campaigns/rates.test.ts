import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { costOf, prefixLength, ratesOf } from "../../src/campaigns/rates.ts";

const CARD = `Country;Category;Price;Currency
NL;marketing;0,1;eur
*;MARKETING;0.05;EUR
+4420;MARKETING;0.2;GBP
44;MARKETING;0.07;GBP
`;

describe("a rate card", () => {
  it("is read with other delimiters, decimal commas and small letters", () => {
    expect(ratesOf("card", CARD)[0]).toEqual({
      country: "NL",
      category: "MARKETING",
      micros: 100_000,
      currency: "EUR",
    });
    expect(prefixLength(ratesOf("card", CARD))).toBe(5);
  });

  it("prices by the longest prefix, else the country, else all others; what it has no price for is counted", () => {
    const part = (
      country: string | null,
      prefix: string,
      messages: number,
      category = "MARKETING" as const,
    ) => ({ country, prefix, messages, category });
    const cost = costOf(ratesOf("card", CARD), [
      part("NL", "+3161", 10),
      part("GB", "+4420", 1),
      part("GB", "+4477", 2),
      part(null, "", 4),
      { ...part("NL", "+3161", 3), category: "UTILITY" },
    ]);
    expect(cost.lines).toEqual([
      { country: "NL", category: "MARKETING", messages: 10, price: 0.1, amount: 1, currency: "EUR" },
      { country: null, category: "MARKETING", messages: 4, price: 0.05, amount: 0.2, currency: "EUR" },
      { country: "NL", category: "UTILITY", messages: 3, price: null, amount: null, currency: null },
      { country: "GB", category: "MARKETING", messages: 2, price: 0.07, amount: 0.14, currency: "GBP" },
      { country: "GB", category: "MARKETING", messages: 1, price: 0.2, amount: 0.2, currency: "GBP" },
    ]);
    expect(cost).toMatchObject({ total: { EUR: 1.2, GBP: 0.34 }, unpriced: 3 });
  });

  it("sums without loss, however often a price is added", () => {
    const rates = ratesOf("card", "country,category,price,currency\n*,UTILITY,0.1,EUR\n");
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 50 }), (counts) => {
        const cost = costOf(
          rates,
          counts.map((messages) => ({ country: "NL", prefix: "", category: "UTILITY", messages })),
        );
        expect(cost.total.EUR ?? 0).toBe(counts.reduce((sum, n) => sum + n, 0) / 10);
      }),
    );
  });

  it("is refused with each fault at its line and column", () => {
    expect(() =>
      ratesOf(
        "card.csv",
        "country,category,price,currency\nNetherlands,SALES,free,euro\nNL,UTILITY,1,EUR\nNL,UTILITY,2,EUR\n",
      ),
    ).toThrow(
      [
        'card.csv:2:1: "Netherlands" is no country: write NL, +31, or * for all others',
        'card.csv:2:2: "SALES" is no category: write MARKETING, UTILITY, AUTHENTICATION, SERVICE',
        'card.csv:2:3: "free" is no price: write 0.0825',
        'card.csv:2:4: "euro" is no currency: write EUR',
        "card.csv:4:1: NL UTILITY is there twice (line 3)",
      ].join("\n"),
    );
    expect(() => ratesOf("c", "country,price\nNL,1\n")).toThrow("there is no category, currency");
    expect(() => ratesOf("c", "country,category,price,currency\n")).toThrow("c has no prices");
    expect(() => ratesOf("c", 'country,category,price,currency\n"NL')).toThrow("c: ");
    expect(() => ratesOf("c", "")).toThrow("there is no country");
  });
});
