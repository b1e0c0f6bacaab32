import { describe, expect, it } from "vitest";
import { nearest } from "../../src/cli/near.ts";

describe("nearest", () => {
  it("finds a letter too many, missing, wrong or in each other's place", () => {
    for (const slip of ["Black Fridday", "Black Frday", "Black Fridax", "Black Firday"]) {
      expect(nearest(slip, ["Newsletter", "Black Friday"])).toEqual(["Black Friday"]);
    }
    expect(nearest("tga", ["tag"])).toEqual(["tag"]);
  });

  it("does not mind case and accents", () => {
    expect(nearest("cafe", ["CAFÉ", "café"])).toEqual(["CAFÉ", "café"]);
    expect(nearest("zoe\u0301", ["Zoé"])).toEqual(["Zoé"]);
  });

  it("puts the same word first, then names that begin with it, then slips", () => {
    expect(nearest("sale", ["sole", "sale of shoes", "Sale"], 3)).toEqual(["Sale", "sale of shoes", "sole"]);
  });

  it("finds nothing when nothing is near", () => {
    expect(nearest("welcome", ["newsletter", "spring"])).toEqual([]);
    expect(nearest("", ["a", ""])).toEqual([]);
    expect(nearest("word", [])).toEqual([]);
  });

  it("names each name once, and no more than asked for", () => {
    expect(nearest("sale", ["sale1", "sale1", "sale2", "sale3"])).toEqual(["sale1", "sale2"]);
    expect(nearest("sale", ["sale1", "sale2"], 1)).toEqual(["sale1"]);
  });

  it("reads no further than 2,000 names and 64 characters of each", () => {
    const many = Array.from({ length: 2_000 }, () => "other");
    expect(nearest("sale", [...many, "sale"])).toEqual([]);
    const long = "x".repeat(100_000);
    expect(nearest(long, [`${long}y`])).toEqual([`${long}y`]);
  });
});
