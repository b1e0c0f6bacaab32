import { describe, expect, it } from "vitest";
import { messagedPerson, messagesBody, minutesAgo, repliesOf } from "./messages.ts";
import { by, change, contact, freePhone, newNumber, people, s, usePeople } from "./same-person.ts";
import { bodyOf, OTHER_NUMBER } from "./setup.ts";

usePeople();

describe("a person with a new number", () => {
  it("keeps the contact, its consent and its history; the user id of the old number is gone with it", async () => {
    const person = await messagedPerson(s);
    const [old, to] = [`+${person.waId}`, freePhone()];
    await s.apply(messagesBody([{ from: person.waId, from_user_id: "NL.1", text: { body: "stop" } }]));
    await s.rows("update contacts set undeliverable_at = adsapp_now() where id = $1", [person.contactId]);
    await s.apply(messagesBody([newNumber(old, to)]));
    expect(await contact(person.contactId)).toMatchObject({
      phone: to,
      waId: to.slice(1),
      bsuid: null,
      optOutSource: "reply: stop",
      undeliverableAt: null,
      mergedInto: null,
    });
    await s.apply(messagesBody([{ from: to.slice(1), from_user_id: "NL.2", answers: person.wamid }]));
    expect(await contact(person.contactId)).toMatchObject({ bsuid: "NL.2" });
    expect(await repliesOf(s, person)).toEqual({ replies: 1, optOuts: 1 });
    await s.apply(bodyOf([{ id: person.wamid, status: "delivered" }]));
    expect(await s.job(person.job)).toMatchObject({ status: "delivered" });
  });

  it("is told of once: the same news again does not touch who has the old number by then", async () => {
    const [person] = (await people(1)) as [{ id: string; phone: string }];
    const to = freePhone();
    const body = messagesBody([newNumber(person.phone, to)]);
    await s.apply(body);
    await s.apply(messagesBody([{ from: person.phone.slice(1) }]));
    await s.apply(body, body);
    expect(await contact(person.id)).toMatchObject({ phone: to });
    expect(await by(person.phone)).toMatchObject({ mergedInto: null });
  });

  it("may have moved twice, or told of a user id alone, or of neither: each in its order, nothing refused", async () => {
    const [person, other, third] = (await people(3)) as [
      { id: string; phone: string },
      { id: string; phone: string },
      { id: string; phone: string },
    ];
    const [second, last] = [freePhone(), freePhone()];
    await s.apply(
      messagesBody([
        newNumber(second, last, minutesAgo(1)),
        newNumber(person.phone, second, minutesAgo(2)),
        change(other.phone, { type: "user_changed_user_id", user_id: "NL.77" }),
        change(third.phone, { type: "customer_identity_changed", hash: "x" }),
        change(third.phone, { type: "user_changed_number" }),
        change(freePhone(), { type: "user_changed_number", wa_id: "31600000000" }),
      ]),
    );
    expect(await contact(other.id)).toMatchObject({ phone: other.phone, bsuid: "NL.77" });
    expect(await contact(third.id)).toMatchObject({ phone: third.phone });
    expect(await contact(person.id)).toMatchObject({ phone: last });
  });

  it("may have come to a number from which its owner of before had moved away, told in any order", async () => {
    const [person] = (await people(1)) as [{ id: string; phone: string }];
    const [second, third, theirs] = [freePhone(), freePhone(), freePhone()];
    await s.apply(
      messagesBody([
        newNumber(third, freePhone(), minutesAgo(4)), // when it was another's
        newNumber(second, third, minutesAgo(2)),
        newNumber(second, theirs, minutesAgo(5)),
        newNumber(person.phone, second, minutesAgo(3)),
      ]),
    );
    expect(await contact(person.id)).toMatchObject({ phone: third });
  });

  it("of another tenant moves nobody here", async () => {
    const [person] = (await people(1)) as [{ id: string; phone: string }];
    await s.apply(messagesBody([newNumber(person.phone, freePhone())], { number: OTHER_NUMBER }));
    expect(await contact(person.id)).toMatchObject({ phone: person.phone });
  });
});
