import { describe, expect, it } from "vitest";
import { templateSchema } from "../../src/templates/definition.ts";
import { NUMBER, simulated } from "./simulated.ts";

const WABA = "102290129340398";
const TO = "+31612345678";

const template = (name: string, components: object[], more: object = {}) =>
  templateSchema.parse({
    kind: "template",
    name,
    language: "nl",
    category: "MARKETING",
    components,
    ...more,
  });

const TEMPLATES = [
  template("vast", [{ type: "BODY", text: "Hoi" }]),
  template("genummerd", [{ type: "BODY", text: "Hoi {{1}}, {{2}}" }]),
  template("benoemd", [{ type: "BODY", text: "Hoi {{naam}}" }]),
  template("rijk", [
    { type: "HEADER", format: "IMAGE" },
    { type: "BODY", text: "Kijk" },
    {
      type: "BUTTONS",
      buttons: [
        { type: "QUICK_REPLY", text: "Stop" },
        { type: "URL", text: "Kijk", url: "https://example.nl/{{1}}" },
        { type: "COPY_CODE" },
      ],
    },
  ]),
  template("gepauzeerd", [{ type: "BODY", text: "Hoi" }], { status: "PAUSED" }),
  template("uit", [{ type: "BODY", text: "Hoi" }], { status: "DISABLED" }),
  template("wacht", [{ type: "BODY", text: "Hoi" }], { status: "PENDING" }),
];

const image = { type: "header", parameters: [{ type: "image", image: { id: "1" } }] };
const body = (...parameters: object[]) => ({
  type: "body",
  parameters: parameters.map((each) => ({ type: "text", text: "x", ...each })),
});
const button = (sub_type: string, index: string, parameter: object) => ({
  type: "button",
  sub_type,
  index,
  parameters: [parameter],
});
const link = button("url", "1", { type: "text", text: "a" });
const code = button("copy_code", "2", { type: "coupon_code", coupon_code: "X" });

describe("a send of a template", () => {
  it.each<[string, object, number | "accepted"]>([
    ["as it is", { name: "vast" }, "accepted"],
    ["with its values", { name: "genummerd", components: [body({}, {})] }, "accepted"],
    ["with its named value", { name: "benoemd", components: [body({ parameter_name: "naam" })] }, "accepted"],
    ["with header and buttons", { name: "rijk", components: [image, link, code] }, "accepted"],
    [
      "with a payload for its quick reply",
      {
        name: "rijk",
        components: [image, button("quick_reply", "0", { type: "payload", payload: "p" }), link, code],
      },
      "accepted",
    ],
    ["that is not there", { name: "onbekend" }, 132001],
    ["in another language", { name: "vast", language: { code: "en" } }, 132001],
    ["that waits for approval", { name: "wacht" }, 132001],
    ["that is paused", { name: "gepauzeerd" }, 132015],
    ["that is disabled", { name: "uit" }, 132016],
    ["with a value too few", { name: "genummerd", components: [body({})] }, 132000],
    ["with a value too many", { name: "vast", components: [body({})] }, 132000],
    ["with another name", { name: "benoemd", components: [body({ parameter_name: "voornaam" })] }, 132018],
    ["without its image", { name: "rijk", components: [link, code] }, 132012],
    [
      "with a video for an image",
      {
        name: "rijk",
        components: [{ type: "header", parameters: [{ type: "video", video: { id: "1" } }] }, link, code],
      },
      132012,
    ],
    ["without its link", { name: "rijk", components: [image, code] }, 131008],
    ["without its code", { name: "rijk", components: [image, link] }, 131008],
    [
      "with a button that is not there",
      {
        name: "rijk",
        components: [image, link, code, button("url", "5", { type: "text", text: "a" })],
      },
      132012,
    ],
  ])("%s", async (_what, given, expected) => {
    const { send } = await simulated({ templates: TEMPLATES });
    const { status, json } = await send({
      messaging_product: "whatsapp",
      to: TO,
      type: "template",
      template: { language: { code: "nl" }, ...given },
    });
    expect(json.error?.code ?? "accepted").toBe(expected);
    if (expected === 132001) expect(status).toBe(404);
  });
});

describe("the account's templates", () => {
  interface Page {
    data: { id: string; name: string; status: string }[];
    paging?: { cursors: { after: string }; next?: string };
    error?: { code: number; error_subcode?: number; error_data: unknown };
  }
  const listing = async (options: object = {}) => {
    const { simulator } = await simulated({ templates: TEMPLATES, token: "s3cret", ...options });
    return async (query = "", { waba = WABA, token = "s3cret" } = {}) => {
      const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
      const response = await fetch(`${simulator.url}/v25.0/${waba}/message_templates${query}`, { headers });
      return { status: response.status, json: (await response.json()) as Page };
    };
  };

  it("come page by page, each once, until there is no next", async () => {
    const list = await listing({ pageSize: 3 });
    const names: string[] = [];
    let [after, pages]: [string | undefined, number] = [undefined, 0];
    do {
      const { json } = await list(`?limit=100&fields=name${after === undefined ? "" : `&after=${after}`}`);
      names.push(...json.data.map(({ name }) => name));
      expect(json.data.length).toBeLessThanOrEqual(3);
      after = json.paging?.next === undefined ? undefined : json.paging.cursors.after;
      pages++;
    } while (after !== undefined);
    expect(names).toEqual(TEMPLATES.map(({ name }) => name).toSorted());
    expect(pages).toBe(3);
  });

  it("have the fields that were asked for, and ask for the token in the link to the next page", async () => {
    const list = await listing({ pageSize: 1 });
    const { json } = await list("?fields=name,status,quality_score,rejected_reason");
    expect(json.data).toEqual([
      {
        id: expect.stringMatching(/^\d{16}$/),
        name: "benoemd",
        status: "APPROVED",
        quality_score: { score: "GREEN", date: expect.any(Number) },
        rejected_reason: "NONE",
      },
    ]);
    expect(json.paging?.next).toContain("access_token=s3cret");
    expect((await list()).json.data[0]).not.toHaveProperty("quality_score");
  });

  it("are filtered by status and name", async () => {
    const list = await listing();
    expect((await list("?status=PAUSED")).json.data.map(({ name }) => name)).toEqual(["gepauzeerd"]);
    expect((await list("?name=vast")).json.data).toHaveLength(1);
    expect((await list("?name=niets")).json).toEqual({ data: [] });
  });

  it("are for who has the token, of this account alone, by a cursor of its own", async () => {
    const list = await listing();
    expect((await list("", { token: "" })).json.error?.code).toBe(104);
    expect(await list("", { token: "wrong" })).toMatchObject({ status: 401, json: { error: { code: 190 } } });
    expect((await list("", { waba: "1" })).json.error).toMatchObject({ code: 100, error_subcode: 33 });
    expect((await list("?after=x")).json.error).toMatchObject({ code: 100, error_data: "Invalid cursor" });
  });
});

describe("a phone number", () => {
  it("tells the fields that were asked for, and of no other", async () => {
    const { simulator } = await simulated({ phoneNumberIds: [NUMBER], portfolioLimit: 2000 });
    const ask = async (path: string) => {
      const response = await fetch(`${simulator.url}/v25.0/${path}`, {
        headers: { authorization: "Bearer x" },
      });
      return (await response.json()) as Record<string, unknown>;
    };
    expect(
      await ask(`${NUMBER}?fields=quality_rating,throughput,whatsapp_business_manager_messaging_limit`),
    ).toEqual({
      id: NUMBER,
      quality_rating: "GREEN",
      throughput: { level: "STANDARD" },
      whatsapp_business_manager_messaging_limit: "TIER_2K",
    });
    expect(await ask(NUMBER)).toMatchObject({ id: NUMBER, verified_name: "Simulator" });
    expect(await ask(`${NUMBER}?fields=secret`)).toMatchObject({ error: { code: 100 } });
    expect(await ask("999")).toMatchObject({ error: { code: 100, error_subcode: 33 } });
  });
});
