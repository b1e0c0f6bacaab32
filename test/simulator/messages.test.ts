import { describe, expect, it } from "vitest";
import { type AnswerBody, NOON, NUMBER, people, simulated, templateTo, textTo } from "./simulated.ts";

const TO = "+31612345678";
const envelope = { messaging_product: "whatsapp", recipient_type: "individual", to: TO };

describe("a message that the simulator accepts", () => {
  it("gets an id and the recipient's WhatsApp id", async () => {
    const { send, simulator } = await simulated();
    const { status, json } = await send(textTo(TO, "job:1:1"));
    expect(status).toBe(200);
    expect(json.messaging_product).toBe("whatsapp");
    expect(json.contacts).toEqual([{ input: TO, wa_id: "31612345678" }]);
    expect(json.messages).toEqual([{ id: expect.stringMatching(/^wamid\.[A-Za-z0-9+/]{40}$/) }]);
    expect(simulator.accepted()).toMatchObject([
      {
        wamid: json.messages[0]?.id,
        to: TO,
        phoneNumberId: NUMBER,
        opaqueId: "job:1:1",
        type: "text",
        templateName: null,
      },
    ]);
  });

  it("says accepted when it is a template", async () => {
    const { send, simulator } = await simulated();
    const { json } = await send(templateTo(TO, "Sanne"));
    expect(json.messages[0]?.message_status).toBe("accepted");
    expect(simulator.accepted()[0]).toMatchObject({ type: "template", templateName: "black_friday" });
  });

  it.each([
    ["an image by id", { type: "image", image: { id: "770", caption: "Kijk" } }],
    [
      "a document by link",
      { type: "document", document: { link: "https://cdn.example.nl/a.pdf", filename: "a.pdf" } },
    ],
    ["a video by link", { type: "video", video: { link: "https://cdn.example.nl/a.mp4" } }],
    [
      "a template without variables",
      { type: "template", template: { name: "hello_world", language: { code: "en_US" } } },
    ],
    [
      "a template with a header, a named value and a button",
      {
        type: "template",
        template: {
          name: "najaar",
          language: { code: "nl" },
          components: [
            { type: "header", parameters: [{ type: "image", image: { id: "770" } }] },
            { type: "body", parameters: [{ type: "text", parameter_name: "voornaam", text: "Zoë" }] },
            {
              type: "button",
              sub_type: "copy_code",
              index: "0",
              parameters: [{ type: "coupon_code", coupon_code: "HERFST" }],
            },
          ],
        },
      },
    ],
    [
      "an interactive message",
      {
        type: "interactive",
        interactive: { type: "button", body: { text: "Kies" }, action: { buttons: [] } },
      },
    ],
    ["a text without its type", { text: { body: "Hallo" } }],
  ])("may be %s", async (_what, message) => {
    const { send } = await simulated();
    expect((await send({ ...envelope, ...message })).status).toBe(200);
  });

  it("may go to a business-scoped user id", async () => {
    const { send } = await simulated();
    const { json } = await send({
      messaging_product: "whatsapp",
      recipient: "NL.1349",
      text: { body: "Hallo" },
    });
    expect(json.contacts).toEqual([{ input: "NL.1349", user_id: "NL.1349" }]);
  });

  it("has an id of its own, however alike two messages are", async () => {
    const { send, simulator } = await simulated();
    for (const opaqueId of [undefined, undefined, "job:1:1", "job:1:1", "job:2:1"])
      await send(textTo(TO, opaqueId));
    expect(new Set(simulator.accepted().map((message) => message.wamid)).size).toBe(5);
  });
});

describe("a message that the simulator refuses", () => {
  const text = { type: "text", text: { body: "Hallo" } };
  const template = (parts: object) => ({
    ...envelope,
    type: "template",
    template: { name: "a", language: { code: "nl" }, ...parts },
  });

  it.each([
    ["without messaging_product", { to: TO, ...text }, 100],
    ["of an unknown type", { ...envelope, type: "telegram", telegram: {} }, 100],
    ["of a type that only JavaScript knows", { ...envelope, type: "constructor" }, 100],
    ["whose text is too long", { ...envelope, type: "text", text: { body: "a".repeat(4097) } }, 100],
    ["without a recipient", { messaging_product: "whatsapp", ...text }, 131008],
    ["without its content", { ...envelope, type: "text" }, 131008],
    ["with an empty text", { ...envelope, type: "text", text: { body: "" } }, 131008],
    ["without a template name", template({ name: "" }), 131008],
    ["without a language", template({ language: {} }), 131008],
    ["with an empty value for a variable", templateTo(TO, ""), 131008],
    ["with a value that is no text", templateTo(TO, null), 131008],
    ["without id or link of its image", { ...envelope, type: "image", image: { caption: "Kijk" } }, 131008],
    [
      "without an action",
      { ...envelope, type: "interactive", interactive: { type: "list", body: { text: "Kies" } } },
      131008,
    ],
    ["to something that is no number", { ...envelope, ...text, to: "Sanne" }, 131009],
    ["to a number that is not text", { ...envelope, ...text, to: 31612345678 }, 131009],
    [
      "with both id and link",
      { ...envelope, type: "video", video: { id: "1", link: "https://example.nl/a" } },
      131009,
    ],
    ["with an opaque id over 512 characters", textTo(TO, "x".repeat(513)), 131009],
    ["with a newline in a value", templateTo(TO, "Sanne\nJansen"), 132018],
    ["with a tab in a value", templateTo(TO, "Sanne\tJansen"), 132018],
    ["with five spaces in a value", templateTo(TO, "Sanne     Jansen"), 132018],
  ])("is one %s", async (_what, message, code) => {
    const { send, simulator } = await simulated();
    const { status, json } = await send(message);
    expect(status).toBe(400);
    expect(json.error.code).toBe(code);
    expect(simulator.counts()).toMatchObject({ requests: 1, accepted: 0, refused: 1 });
  });

  it("keeps four spaces in a value", async () => {
    const { send } = await simulated();
    expect((await send(templateTo(TO, "Sanne    Jansen"))).status).toBe(200);
  });

  it("answers in the shape of Meta's errors", async () => {
    const { send } = await simulated();
    expect((await send({ messaging_product: "whatsapp", ...text })).json).toEqual({
      error: {
        message: "(#131008) Required parameter is missing",
        type: "OAuthException",
        code: 131008,
        error_data: { messaging_product: "whatsapp", details: "The required parameter to is missing." },
        fbtrace_id: expect.any(String),
      },
    });
  });

  it.each(["", "{", "null", "[]", '"text"'])("is one whose body is %s", async (body) => {
    const { post } = await simulated();
    const response = await post(body);
    expect([response.status, ((await response.json()) as AnswerBody).error.code]).toEqual([400, 100]);
  });

  it("is one over 1 MB", async () => {
    const { post } = await simulated();
    const response = await post(JSON.stringify(textTo(TO, "x".repeat(1024 * 1024))));
    expect([response.status, ((await response.json()) as AnswerBody).error.code]).toEqual([413, 100]);
  });
});

describe("who may send", () => {
  it("is nobody without a token", async () => {
    const { send } = await simulated();
    const { status, json } = await send(textTo(TO), { token: null });
    expect([status, json.error.code]).toEqual([401, 104]);
  });

  it("is who has the one token, when one is set", async () => {
    const { send } = await simulated({ token: "right" });
    expect((await send(textTo(TO), { token: "right" })).status).toBe(200);
    const { status, json } = await send(textTo(TO), { token: "wrong" });
    expect([status, json.error.code]).toEqual([401, 190]);
  });

  it("is a number that exists, when they are set", async () => {
    const { send } = await simulated({ phoneNumberIds: [NUMBER] });
    expect((await send(textTo(TO))).status).toBe(200);
    const { status, json } = await send(textTo(TO), { path: "/v25.0/999/messages" });
    expect([status, json.error.code, json.error.error_subcode]).toEqual([400, 100, 33]);
  });

  it("is a number that has throughput left in this second", async () => {
    let now = NOON.getTime();
    const { send } = await simulated({ throughputPerSecond: 2, now: () => new Date(now) });
    const codes = async () => (await send(textTo(TO))).json.error?.code ?? "accepted";
    expect([await codes(), await codes(), await codes()]).toEqual(["accepted", "accepted", 130429]);
    expect((await send(textTo(TO), { path: "/v25.0/2/messages" })).status).toBe(200);
    now += 500;
    expect([await codes(), await codes()]).toEqual(["accepted", 130429]);
  });
});

describe("the simulator's server", () => {
  it.each(["/v26.0/1/messages", "/v9.0/1/messages"])("takes any version: %s", async (path) => {
    const { send } = await simulated();
    expect((await send(textTo(TO), { path })).status).toBe(200);
  });

  it.each(["/", "/v25/1/messages", "/v25.0/1/message", "/v25.0/abc/messages", "/v25.0/1/messages/2"])(
    "does not know %s",
    async (path) => {
      const { send } = await simulated();
      const { status, json } = await send(textTo(TO), { path });
      expect([status, json.error.code, json.error.type]).toEqual([404, 100, "OAuthException"]);
    },
  );

  it("knows no GET but that of its health", async () => {
    const { simulator } = await simulated();
    expect((await fetch(`${simulator.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${simulator.url}/v25.0/${NUMBER}/messages`)).status).toBe(404);
    expect(simulator.counts().requests).toBe(1);
  });

  it("serves many at once", async () => {
    const { send, simulator } = await simulated();
    const answers = await Promise.all(people(300).map((to) => send(textTo(to))));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(simulator.counts()).toMatchObject({ requests: 300, accepted: 300, refused: 0 });
  });
});
