// The same stories in npm test and, with more runs, in npm run test:long.
import fc from "fast-check";
import { afterAll, beforeAll, describe, it } from "vitest";
import type { Serving } from "../webhooks/serving.ts";
import { bodiesDoor, contactsDoor, eventsDoor, makeDoors, mixedBodiesDoor } from "./changes.ts";
import { audienceDoor, csvDoor, filterDoor, liquidDoor, webhookDoor, yamlDoor } from "./doors.ts";
import { eventPostsDoor, linesDoor, postsDoor, servePosts } from "./posts.ts";

type MadeDoors = Awaited<ReturnType<typeof makeDoors>>;

export function describeDoors(numRuns: number): void {
  describe("whatever a stranger hands in is taken or refused, and never a crash", () => {
    let doors: MadeDoors;
    beforeAll(async () => {
      doors = await makeDoors();
    });
    afterAll(() => doors.end());

    it("a contacts file", () => fc.assert(csvDoor, { numRuns }));
    it("a definition", () => fc.assert(yamlDoor, { numRuns }));
    it("a filter, and an audience", async () => {
      const { database, profileId } = doors;
      await fc.assert(filterDoor(database, profileId), { numRuns });
      await fc.assert(audienceDoor(database, profileId), { numRuns });
    });
    it("a text with Liquid in it", () => fc.assert(liquidDoor, { numRuns }));
    it("a webhook's body", () => fc.assert(webhookDoor, { numRuns }));
  });
}

export function describeChanges(numRuns: number): void {
  describe("what is malformed changes all that it says, or nothing", () => {
    let doors: MadeDoors;
    let server: Serving;
    let token: string;
    beforeAll(async () => {
      doors = await makeDoors();
      ({ server, token } = await servePosts(doors));
    });
    afterAll(async () => {
      await server.end();
      await doors.end();
    });

    it("in a contacts file", () => fc.assert(contactsDoor(doors), { numRuns }));
    it("in a file of events", () => fc.assert(eventsDoor(doors), { numRuns }));
    it("in bodies of webhooks", () => fc.assert(bodiesDoor(doors), { numRuns }));
    it("in a body beside one that is right", () => fc.assert(mixedBodiesDoor(doors), { numRuns }));
    it("in what is posted to webhook serve", () => fc.assert(postsDoor(doors, server), { numRuns }));
    it("in events that are posted to it", () => fc.assert(eventPostsDoor(doors, server, token), { numRuns }));
    it("in bytes that are no request", () => fc.assert(linesDoor(doors, server), { numRuns }));
  });
}
