import { describe, expect, it } from "vitest";
import { readBody } from "../../src/webhooks/body.ts";
import type { Inbound } from "../../src/webhooks/inbound.ts";
import { changeBody, type MessageGiven, messagesBody, minutesAgo, preferenceBody } from "./messages.ts";
import { NUMBER } from "./setup.ts";

const SANNE = { from: "31612345678" };

function only(body: string): Inbound {
  const { inbound, statuses } = readBody(body);
  expect(statuses).toEqual([]);
  expect(inbound).toHaveLength(1);
  return inbound[0] as Inbound;
}

const read = (message: MessageGiven, contacts?: object[]) =>
  only(messagesBody([{ ...SANNE, ...message }], contacts === undefined ? {} : { contacts }));

/** The reference's signed example (§5.2). */
const SIGNED = `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"15550783881","phone_number_id":"106540352242922"},"contacts":[{"profile":{"name":"Zo\\u00eb"},"wa_id":"31612345678"}],"messages":[{"from":"31612345678","id":"wamid.TEST1","timestamp":"1749416383","type":"text","text":{"body":"stop \\ud83d\\ude4f"}}]},"field":"messages"}]}]}`;

describe("a body with messages", () => {
  it("tells a text: from whom, when, what, and that it is an opt-out", () => {
    expect(only(SIGNED)).toEqual({
      phoneNumberId: NUMBER,
      wamid: "wamid.TEST1",
      at: new Date(1_749_416_383_000),
      phone: "+31612345678",
      bsuid: null,
      firstName: "Zoë",
      lastName: null,
      type: "text",
      body: "stop 🙏",
      payload: expect.objectContaining({ id: "wamid.TEST1", text: { body: "stop 🙏" } }),
      contextId: null,
      opensWindow: true,
      makesContact: true,
      consent: { says: "opt_out", risky: false },
      moved: null,
    });
  });

  const KINDS: [MessageGiven, Partial<Inbound>][] = [
    [
      { type: "button", button: { payload: "OPTOUT:c42", text: "Nee, dank je" } },
      { body: "Nee, dank je", consent: { says: "opt_out", risky: false } },
    ],
    [
      { type: "button", button: { payload: "Stop promoties", text: "Stop promoties" } },
      { consent: { says: "opt_out", risky: false } },
    ],
    [
      { type: "button", button: { payload: "Stop promotions", text: "Nee, dank je" } },
      { body: "Nee, dank je", consent: { says: "opt_out", risky: false } },
    ],
    [{ type: "button", button: { payload: "START", text: "Begin" } }, { consent: null }],
    [
      { type: "button", button: { payload: "ja", text: "Ja, graag" } },
      { body: "Ja, graag", consent: null },
    ],
    [
      { type: "interactive", interactive: { type: "button_reply", button_reply: { id: "ja", title: "Ja" } } },
      { body: "Ja", consent: null },
    ],
    [
      {
        type: "interactive",
        interactive: { type: "button_reply", button_reply: { id: "OPTOUT:x", title: "Nee" } },
      },
      { consent: { says: "opt_out", risky: false } },
    ],
    [
      {
        type: "interactive",
        interactive: {
          type: "list_reply",
          list_reply: { id: "ams", title: "Amsterdam", description: "..." },
        },
      },
      { body: "Amsterdam" },
    ],
    [
      {
        type: "interactive",
        interactive: { type: "nfm_reply", nfm_reply: { name: "flow", body: "Sent", response_json: "{}" } },
      },
      { body: "Sent" },
    ],
    [{ type: "image", image: { caption: "Kijk", mime_type: "image/jpeg", id: "770" } }, { body: "Kijk" }],
    [
      { type: "image", image: { caption: "STOP", id: "770" } },
      { body: "STOP", consent: { says: "opt_out", risky: false } },
    ],
    [{ type: "video", video: { id: "771" } }, { body: null }],
    [
      { type: "document", document: { filename: "stop.pdf", id: "772" } },
      { body: "stop.pdf", consent: null },
    ],
    [{ type: "audio", audio: { id: "773", voice: true } }, { body: null }],
    [{ type: "sticker", sticker: { id: "774" } }, { body: null }],
    [{ type: "location", location: { latitude: 52, longitude: 5, name: "Dom" } }, { body: "Dom" }],
    [{ type: "order", order: { catalog_id: "1", text: "", product_items: [{ quantity: 2 }] } }, { body: "" }],
    [
      {
        type: "contacts",
        contacts: [{ name: { formatted_name: "Jan" } }, { name: { formatted_name: "Piet" } }],
      },
      { body: "Jan, Piet" },
    ],
  ];

  it.each(KINDS)("reads %j, which opens the window", (message, expected) => {
    expect(read(message)).toMatchObject({
      type: message.type,
      opensWindow: true,
      makesContact: true,
      ...expected,
    });
  });

  it.each([
    [{ type: "reaction", reaction: { message_id: "wamid.OUT0001", emoji: "👍" } }, { body: "👍" }],
    [{ type: "reaction", reaction: { message_id: "wamid.OUT0001" } }, { body: null }],
    [
      { type: "system", system: { type: "user_changed_number", body: "User changed", wa_id: "31687654321" } },
      { body: "User changed", makesContact: false, moved: { phone: "+31687654321", bsuid: null } },
    ],
    [
      {
        type: "system",
        system: { type: "customer_changed_number", new_wa_id: "31687654321", user_id: "NL.2" },
      },
      { moved: { phone: "+31687654321", bsuid: "NL.2" } },
    ],
    [
      { type: "system", system: { type: "user_changed_user_id", user_id: "NL.3" } },
      { moved: { phone: null, bsuid: "NL.3" } },
    ],
    [{ type: "system", system: { type: "user_changed_number", wa_id: "nobody" } }, { moved: null }],
    [
      { type: "system", system: { type: "customer_identity_changed", wa_id: "31687654321" } },
      { moved: null },
    ],
    [
      {
        type: "edit",
        edit: { original_message_id: "wamid.IN1", message: { type: "text", text: { body: "Stop" } } },
      },
      { body: "Stop", consent: { says: "opt_out", risky: false } },
    ],
    [
      {
        type: "edit",
        edit: { original_message_id: "wamid.IN1", message: { type: "text", text: { body: "start" } } },
      },
      { body: "start", consent: null },
    ],
    [
      { type: "edit", edit: { message: { type: "edit", edit: {} } } },
      { body: null, consent: null },
    ],
    [{ type: "revoke", revoke: { original_message_id: "wamid.IN1" } }, { body: null }],
    [
      { type: "text", text: { body: "start" }, group_id: "g1" },
      { body: "start", consent: null },
    ],
    [
      { type: "text", text: { body: "stop" }, group_id: "g1" },
      { consent: { says: "opt_out", risky: false } },
    ],
  ] as [MessageGiven, Partial<Inbound>][])("reads %j, which opens no window", (message, expected) => {
    expect(read(message)).toMatchObject({ type: message.type, opensWindow: false, ...expected });
  });

  it.each([
    [{ type: "unsupported", unsupported: { type: "poll_creation" }, errors: [{ code: 131051 }] }, true],
    [{ type: "unknown" }, true],
    [{ type: "__proto__" }, false],
    [{ type: "hologram", hologram: { depth: 3 } }, false],
  ] as [MessageGiven, boolean][])("keeps %j as it came, as unsupported", (message, opensWindow) => {
    const inbound = read(message);
    expect(inbound).toMatchObject({ type: "unsupported", body: null, consent: null, opensWindow });
    expect(inbound.payload).toMatchObject(message);
  });

  it("knows what it answers", () => {
    expect(read({ answers: "wamid.OUT0001" }).contextId).toBe("wamid.OUT0001");
    expect(read({ context: { forwarded: true } }).contextId).toBeNull();
  });

  it("takes the other address and the name from the contacts beside it, and from nobody else's", () => {
    const contacts = [
      { profile: { name: "Piet" }, wa_id: "31687654321", user_id: "NL.222" },
      { profile: { name: "  Sanne de Vries ", username: "@sanne" }, wa_id: "31612345678", user_id: "NL.111" },
    ];
    const sanne = { phone: "+31612345678", bsuid: "NL.111", firstName: "Sanne", lastName: "de Vries" };
    expect(read({}, contacts)).toMatchObject(sanne);
    expect(only(messagesBody([{ from_user_id: "NL.111" }], { contacts }))).toMatchObject(sanne);
    expect(only(messagesBody([{ from_user_id: "NL.333" }], { contacts }))).toMatchObject({
      phone: null,
      bsuid: "NL.333",
      firstName: null,
    });
  });

  it.each([
    [{ from: undefined }, "a message of nobody"],
    [{ from: "0612345678" }, "a message of nobody"],
    [{ from: 31612345678 }, "a message of nobody"],
    [{ from: "316'; drop" }, "a message of nobody"],
    [{ id: "wamid.\u0000" }, "a message of no id"],
    [{ id: undefined }, "a message of no id"],
    [{ timestamp: "soon" }, "a message of no time"],
  ])("cannot read a message of %j, says so, and reads the one beside it", (broken, unread) => {
    const told = readBody(messagesBody([{ ...SANNE, ...broken } as MessageGiven, SANNE]));
    expect(told).toMatchObject({ inbound: [{ phone: "+31612345678" }], unread: [unread] });
  });
});

describe("a body with preferences", () => {
  it.each([
    ["stop", "opt_out"],
    ["resume", "opt_in"],
  ])("tells %s as %s, under an id that is the same when it comes again", (value, says) => {
    const body = preferenceBody({
      value,
      wa_id: "31612345678",
      user_id: "NL.1349",
      at: new Date(1_764_000_200_000),
    });
    expect(only(body)).toMatchObject({
      wamid: `preference:+31612345678:${value}:1764000200`,
      phone: "+31612345678",
      bsuid: "NL.1349",
      type: "system",
      opensWindow: false,
      consent: { says, risky: false },
    });
  });

  it("cannot read one of nobody, and says so", () => {
    expect(readBody(preferenceBody({ value: "stop", at: minutesAgo(1) }))).toMatchObject({
      inbound: [],
      unread: ["a preference of nobody"],
    });
  });

  it("passes over what is neither, and keeps account errors without messages as notices", () => {
    expect(
      readBody(preferenceBody({ value: "signup", wa_id: "31612345678", at: minutesAgo(1) })).inbound,
    ).toEqual([]);
    expect(
      readBody(changeBody("messages", { errors: [{ code: 130429, title: "Rate limit hit" }] })),
    ).toMatchObject({
      statuses: [],
      inbound: [],
      notices: [
        { event: "error 130429", message: "130429 Rate limit hit", phoneNumberId: NUMBER, halts: false },
      ],
    });
  });
});
