import { describe, expect, it } from "vitest";
import { messagedPerson, messagesBody, repliesOf } from "./messages.ts";
import { contact, freePhone, newNumber, s, usePeople } from "./same-person.ts";
import { bodyOf, OTHER_NUMBER } from "./setup.ts";

usePeople();

describe("a person who writes under a user id alone, and was sent to by phone", () => {
  let users = 100;
  const user = (): string => `NL.77${++users}`;
  const outOf = async (id: string) => (await contact(id)).optOutSource;

  it("is known by the status of what was sent, so that a STOP stops the contact that we send to", async () => {
    const person = await messagedPerson(s);
    const bsuid = user();
    const told = { id: person.wamid, status: "delivered", recipient_id: undefined, recipient_user_id: bsuid };
    await s.apply(bodyOf([told]));
    expect(await contact(person.contactId)).toMatchObject({ phone: `+${person.waId}`, bsuid });
    await s.apply(messagesBody([{ from_user_id: bsuid, text: { body: "stop" } }]));
    expect(await outOf(person.contactId)).toBe("reply: stop");
    expect(await repliesOf(s, person)).toEqual({ replies: 0, optOuts: 1 });
  });

  it("is known by what the answer quotes, in the same body too", async () => {
    const person = await messagedPerson(s);
    const bsuid = user();
    await s.apply(messagesBody([{ from_user_id: bsuid, answers: person.wamid, text: { body: "stop" } }]));
    expect(await contact(person.contactId)).toMatchObject({ bsuid, optOutSource: "reply: stop" });
    expect(await repliesOf(s, person)).toEqual({ replies: 0, optOuts: 1 });
  });

  it("becomes one with the contact that a STOP made before the status came: nobody is sent to who said no", async () => {
    const person = await messagedPerson(s);
    const bsuid = user();
    await s.apply(messagesBody([{ from_user_id: bsuid, text: { body: "stop" } }]));
    expect(await outOf(person.contactId)).toBeNull();
    await s.apply(bodyOf([{ id: person.wamid, status: "read", recipient_user_id: bsuid }]));
    expect(await contact(person.contactId)).toMatchObject({ bsuid, optOutSource: "reply: stop" });
  });

  it("is not taken for the one whose message is quoted in a group, nor known by what went to an earlier number", async () => {
    const [one, other] = [await messagedPerson(s), await messagedPerson(s)];
    await s.apply(messagesBody([{ from_user_id: user(), answers: one.wamid, group_id: "g1" }]));
    expect(await contact(one.contactId)).toMatchObject({ bsuid: null });
    await s.apply(messagesBody([newNumber(`+${other.waId}`, freePhone())]));
    await s.apply(bodyOf([{ id: other.wamid, status: "read", recipient_user_id: user() }]));
    expect(await contact(other.contactId)).toMatchObject({ bsuid: null });
  });

  it("of another tenant's message is nobody's here", async () => {
    const person = await messagedPerson(s);
    await s.apply(bodyOf([{ id: person.wamid, status: "read", recipient_user_id: user() }], OTHER_NUMBER));
    expect(await contact(person.contactId)).toMatchObject({ bsuid: null });
  });
});
