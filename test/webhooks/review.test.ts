import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { optIn, optOut } from "../../src/contacts/contacts.ts";
import review from "../../src/contacts/review.command.ts";
import { dismissReviews, openReviews } from "../../src/contacts/review.ts";
import show from "../../src/contacts/show.command.ts";
import { operator, worker } from "../../src/db/identity.ts";
import { statusOf } from "../../src/status/status.ts";
import { runCommand } from "../reports/run-command.ts";
import {
  messagedPeople,
  messagedPerson,
  messagesBody,
  minutesAgo,
  type Person,
  repliesOf,
} from "./messages.ts";
import { bodyOf, type Setup, setup } from "./setup.ts";

let s: Setup;

beforeAll(async () => {
  s = await setup();
});

afterEach(() => s.expectCleanAudit());
afterAll(() => s.end());

const OFFER = "stop me maar een offerte toe";
let n = 0;

/** @returns the message's id */
async function says(person: Person, body: string): Promise<string> {
  const id = `wamid.REVIEW.${++n}`;
  await s.apply(messagesBody([{ id, from: person.waId, text: { body } }]));
  return id;
}

const as = <T>(work: Parameters<typeof s.database.transaction<T>>[1], organization = s.organization) =>
  s.database.transaction(operator(organization.profileId), work);
const open = async (organization = s.organization) =>
  (await as((tx) => openReviews(tx, organization.id), organization)).map(({ messageId }) => messageId);

describe("a word of no in a longer message", () => {
  it("opts nobody out, counts as a reply, and waits for a person", async () => {
    const person = await messagedPerson(s);
    const id = await says(person, OFFER);
    expect(await s.contact(person.job)).toMatchObject({ optedOutAt: null });
    expect(await repliesOf(s, person)).toEqual({ replies: 1, optOuts: 0 });
    const [one] = await as((tx) => openReviews(tx, s.organization.id));
    expect(one).toMatchObject({
      messageId: id,
      contactId: person.contactId,
      text: OFFER,
      phone: `+${person.waId}`,
    });
    const status = await statusOf(as, (work) => s.database.transaction(worker, work), s.organization.id);
    expect(status).toMatchObject({
      reviews: 1,
      problems: expect.arrayContaining([expect.stringContaining("1 message may be an opt-out")]),
    });
    await as((tx) => optOut(tx, s.organization.id, [person.contactId], "review"));
    expect(await open()).toEqual([]);
  });

  it("is settled by a dismissal, an opt-out or an opt-in after it", async () => {
    const [first, second, third] = (await messagedPeople(s, 3)) as [Person, Person, Person];
    const ids = [await says(first, OFFER), await says(second, OFFER), await says(third, OFFER)];
    expect((await open()).toSorted()).toEqual(ids);
    await as((tx) => dismissReviews(tx, s.organization.id, [ids[0] as string]));
    await as((tx) => optOut(tx, s.organization.id, [second.contactId], "review"));
    await as((tx) => optIn(tx, s.organization.id, [third.contactId], "telephone"));
    expect(await open()).toEqual([]);
    expect(await s.contact(first.job)).toMatchObject({ optedOutAt: null });
  });

  it("that means an order as often is for review only as the answer to marketing", async () => {
    const person = await messagedPerson(s);
    await s.rows(
      `insert into messages (organization_id, direction, contact_id, sender_id, type, body, provider_message_id, status, sent_at)
       values ($1, 'outbound', $2, $3, 'text', 'Hoe laat past u?', 'wamid.CHAT', 'sent', adsapp_now() - interval '10 minutes')`,
      [s.organization.id, person.contactId, s.sender.id],
    );
    await says(person, "Please cancel that appointment of mine");
    await says(person, "cancel");
    expect(await open()).toEqual([]);
    expect(await s.contact(person.job)).toMatchObject({ optedOutAt: null });
    const id = "wamid.REVIEW.answer";
    await s.apply(
      messagesBody([
        { id, from: person.waId, text: { body: "cancel these messages please" }, answers: person.wamid },
      ]),
    );
    expect(await open()).toEqual([id]);
    await as((tx) => dismissReviews(tx, s.organization.id, [id]));
  });

  it("of another tenant is as unknown as a random one, and a viewer dismisses nothing", async () => {
    const id = await says(await messagedPerson(s), OFFER);
    expect(await open(s.other)).toEqual([]);
    for (const strange of [id, "wamid.random"])
      await expect(as((tx) => dismissReviews(tx, s.other.id, [strange]), s.other)).rejects.toMatchObject({
        exitCode: 4,
        message: `message to review "${strange}" not found`,
      });
    const viewer = { databaseUrl: s.url, organization: s.organization.slug };
    expect(await open()).toEqual([id]);
    const shown = await runCommand(review, ["list"], viewer);
    expect(shown.stdout).toContain(OFFER);
    await expect(
      s.database.transaction(operator(s.organization.viewerId), (tx) =>
        dismissReviews(tx, s.organization.id, [id]),
      ),
    ).rejects.toMatchObject({ exitCode: 5 });
    const done = await runCommand(review, ["dismiss", id], { ...viewer, format: "json" });
    expect([done.exitCode, JSON.parse(done.stdout).length]).toEqual([0, 1]);
    expect((await runCommand(review, ["list"], viewer)).stderr).toContain("Nothing to review.");
    expect((await runCommand(review, ["dismiss"], viewer)).exitCode).toBe(2);
  });
});

describe("contact show", () => {
  it("has the evidence of each opt-out: source, time, message and words", async () => {
    const person = await messagedPerson(s);
    const at = minutesAgo(5);
    await s.apply(
      bodyOf([
        {
          id: person.wamid,
          status: "failed",
          code: 131050,
          at: `${minutesAgo(60).toISOString().slice(0, 19)}Z`,
        },
      ]),
      messagesBody([{ id: "wamid.EV.1", from: person.waId, text: { body: "Stop nu!" }, at }]),
    );
    const given = { databaseUrl: s.url, organization: s.organization.slug } as const;
    const { stdout } = await runCommand(show, [person.contactId], { ...given, format: "json" });
    expect(JSON.parse(stdout).evidence).toMatchObject([
      { says: "opt_out", source: "provider", messageId: person.wamid, text: "131050 Details of 131050" },
      { says: "opt_out", source: "reply", messageId: "wamid.EV.1", text: "Stop nu!" },
    ]);
    expect((await runCommand(show, [person.contactId], given)).stdout).toContain("Stop nu!");
  });
});
