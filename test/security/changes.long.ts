import fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import { bodiesDoor, contactsDoor, eventsDoor, makeDoors, mixedBodiesDoor } from "./changes.ts";

let doors: Awaited<ReturnType<typeof makeDoors>>;

beforeAll(async () => {
  doors = await makeDoors();
});

afterAll(() => doors.end());

const numRuns = 300;

describe("what is malformed changes all that it says, or nothing", () => {
  it("in a contacts file", () => fc.assert(contactsDoor(doors), { numRuns }));
  it("in a file of events", () => fc.assert(eventsDoor(doors), { numRuns }));
  it("in bodies of webhooks", () => fc.assert(bodiesDoor(doors), { numRuns }));
  it("in a body beside one that is right", () => fc.assert(mixedBodiesDoor(doors), { numRuns }));
});
