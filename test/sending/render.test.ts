import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ClaimedJob } from "../../src/sending/claim.ts";
import { opaqueId, Renderer, readOpaqueId } from "../../src/sending/render.ts";
import { type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterAll(async () => {
  await s.expectCleanAudit();
  await s.end();
});

describe("an opaque id", () => {
  it("comes back as the kind, the row and the attempt it names", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("b", "d"),
        fc.uuid(),
        fc.integer({ min: 1, max: 9999 }),
        (kind, id, attempt) => {
          expect(readOpaqueId(opaqueId(kind, id, attempt))).toEqual({ kind, id, attempt });
          expect(opaqueId(kind, id, attempt).length).toBeLessThanOrEqual(512);
        },
      ),
    );
  });

  it.each([
    undefined,
    null,
    7,
    {},
    "",
    "b:",
    "order-1234",
    "b:11111111-1111-4111-8111-111111111111",
    "b:11111111-1111-4111-8111-111111111111:0",
    "b:11111111-1111-4111-8111-111111111111:-1",
    "b:11111111-1111-4111-8111-111111111111:12345",
    "x:11111111-1111-4111-8111-111111111111:1",
    " b:11111111-1111-4111-8111-111111111111:1",
    "b:11111111-1111-4111-8111-111111111111:1\n",
  ])("of somebody else's is none of ours: %j", (text) => {
    expect(readOpaqueId(text)).toBeUndefined();
  });
});

async function renderer(jobs: readonly ClaimedJob[]): Promise<Renderer> {
  const made = new Renderer(s.database);
  await made.learn(jobs);
  return made;
}

describe("a rendered message", () => {
  it("goes to the phone, with the opaque id of its attempt", async () => {
    const w = await s.world({ name: "Bakkerij Jansen" });
    const contacts = await w.contacts(1, { firstName: "Fatima" });
    await w.broadcast({
      contacts,
      message: { type: "text", text: "Hoi {{ contact.first_name }}, groet {{ organization.name }}" },
    });
    const { jobs } = await w.claim();
    const [job] = jobs as [ClaimedJob];
    expect((await renderer(jobs)).render(job)).toEqual({
      body: {
        messaging_product: "whatsapp",
        recipient_type: "individual",
        to: contacts[0]?.phone,
        biz_opaque_callback_data: `b:${job.id}:1`,
        type: "text",
        text: { body: "Hoi Fatima, groet Bakkerij Jansen" },
      },
      type: "text",
      text: "Hoi Fatima, groet Bakkerij Jansen",
    });
  });

  it("goes to the user id of whoever has no phone", async () => {
    const w = await s.world();
    await w.broadcast({ states: { pending: 1 } });
    await w.rows("update contacts set phone = null, bsuid = 'NL.123' where organization_id = $1", [
      w.organization.id,
    ]);
    const { jobs } = await w.claim();
    const message = (await renderer(jobs)).render(jobs[0] as ClaimedJob);
    expect(message).toMatchObject({ body: { recipient: "NL.123" } });
    expect(message).not.toHaveProperty("body.to");
  });

  it("of each campaign is its own, and says what the contact lacks", async () => {
    const w = await s.world();
    const contacts = await w.contacts(1, { firstName: "Jan" });
    await w.broadcast({ contacts, message: { type: "text", text: "een {{ contact.first_name }}" } });
    await w.broadcast({ contacts, message: { type: "text", text: "twee {{ contact.email }}" } });
    const { jobs } = await w.claim();
    const both = await renderer(jobs);
    const rendered = jobs.map((job) => both.render(job));
    expect(rendered).toContainEqual(expect.objectContaining({ text: "een Jan" }));
    expect(rendered).toContainEqual({ missing: expect.stringContaining("email") });
  });

  it("is what the run froze, whatever the campaign says now", async () => {
    const w = await s.world();
    const campaign = await w.broadcast({ states: { pending: 1 }, message: { type: "text", text: "toen" } });
    await w.rows(`update bulk_campaigns set message = '{"type": "text", "text": "nu"}' where id = $1`, [
      campaign.id,
    ]);
    const { jobs } = await w.claim();
    expect((await renderer(jobs)).render(jobs[0] as ClaimedJob)).toMatchObject({ text: "toen" });
  });

  it("is not that of the job before, where that is of another variant, occurrence or campaign", async () => {
    const w = await s.world();
    await w.broadcast({ states: { pending: 1 }, message: { type: "text", text: "Hoi" } });
    const { jobs } = await w.claim();
    const [job] = jobs as [ClaimedJob];
    const learned = await renderer(jobs);
    const others = [{ variant: "B" }, { occurrence: new Date() }, { campaignId: "another" }];
    for (const other of others) {
      expect(learned.render({ ...job })).toMatchObject({ text: "Hoi" });
      expect(() => learned.render({ ...job, ...other })).toThrow("no definition");
    }
  });

  it("of a campaign that it never learned is a fault of the program", () => {
    const job = { campaignId: "x", occurrence: "y" } as ClaimedJob;
    expect(() => new Renderer(s.database).render(job)).toThrow("no definition");
  });
});
