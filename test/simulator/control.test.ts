import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { templateSchema } from "../../src/templates/definition.ts";
import { readBody } from "../../src/webhooks/body.ts";
import { folder, linesOf, NUMBER, simulated, templateTo } from "./simulated.ts";

const FROM = "+31612345678";

async function controlled() {
  const file = join(folder(), "bodies.ndjson");
  const template = templateSchema.parse({
    kind: "template",
    name: "black_friday",
    language: "nl",
    category: "MARKETING",
    components: [{ type: "BODY", text: "Hoi {{1}}" }],
  });
  const { send, simulator } = await simulated({ webhook: { file }, templates: [template] });
  const control = async (what: string, body: unknown) => {
    const response = await fetch(`${simulator.url}/simulator/${what}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: response.status, json: (await response.json()) as { id?: string; error?: string } };
  };
  return { send, control, simulator, bodies: () => linesOf<Body>(file) };
}

interface Body {
  entry: { changes: { field: string; value: object }[] }[];
}

describe("by hand", () => {
  it("a person writes, taps a button, or sends what Meta does not show", async () => {
    const { control, simulator, bodies } = await controlled();
    const { json } = await control("messages", { from: FROM, phoneNumberId: NUMBER, text: "Hallo" });
    await control("messages", {
      from: "NL.123",
      phoneNumberId: NUMBER,
      text: "Stop promoties",
      payload: "OPTOUT:c1",
      contextId: "wamid.OUT1",
    });
    await control("messages", {
      from: FROM,
      phoneNumberId: NUMBER,
      text: "A poll",
      unsupported: "poll_creation",
    });
    await simulator.flush();
    expect(bodies().flatMap((body) => readBody(JSON.stringify(body)).inbound)).toMatchObject([
      { wamid: json.id, phone: FROM, type: "text", body: "Hallo", contextId: null },
      { phone: null, bsuid: "NL.123", type: "button", contextId: "wamid.OUT1", consent: { says: "opt_out" } },
      { phone: FROM, type: "unsupported", body: null, payload: { errors: [{ code: 131051 }] } },
    ]);
  });

  it("writes twice the same and is heard twice", async () => {
    const { control } = await controlled();
    const write = async () =>
      (await control("messages", { from: FROM, phoneNumberId: NUMBER, text: "Hallo" })).json.id;
    expect(await write()).not.toBe(await write());
  });

  it("a template changes its status: a webhook tells, and a send meets it", async () => {
    const { send, control, simulator, bodies } = await controlled();
    expect((await send(templateTo(FROM, "Sanne"))).status).toBe(200);
    expect(
      (await control("templates", { name: "black_friday", language: "nl", status: "PAUSED" })).status,
    ).toBe(200);
    expect((await send(templateTo(FROM, "Sanne"))).json.error.code).toBe(132015);
    await simulator.flush();
    const news = bodies()
      .flatMap(({ entry }) => entry.flatMap(({ changes }) => changes))
      .filter(({ field }) => field === "message_template_status_update");
    expect(news).toEqual([
      {
        field: "message_template_status_update",
        value: {
          event: "PAUSED",
          message_template_id: expect.any(Number),
          message_template_name: "black_friday",
          message_template_language: "nl",
          reason: "NONE",
          message_template_category: "MARKETING",
        },
      },
    ]);
    expect((await control("templates", { name: "niets", language: "nl", status: "PAUSED" })).status).toBe(
      404,
    );
  });

  it("an account has an error", async () => {
    const { control, simulator, bodies } = await controlled();
    await control("errors", { phoneNumberId: NUMBER, code: 130429 });
    await simulator.flush();
    const [change] = bodies()[0]!.entry[0]!.changes;
    expect(change?.value).toMatchObject({ errors: [{ code: 130429 }] });
    expect(change?.value).not.toHaveProperty("statuses");
    expect(readBody(JSON.stringify(bodies()[0]))).toMatchObject({ statuses: [], inbound: [] });
  });

  it("nothing happens for what cannot be read", async () => {
    const { control, simulator } = await controlled();
    expect((await control("messages", "{")).status).toBe(400);
    expect((await control("messages", { from: "x", phoneNumberId: NUMBER, text: "" })).json.error).toContain(
      "from",
    );
    expect((await control("weather", {})).status).toBe(404);
    expect(simulator.counts()).toMatchObject({ requests: 0, replies: 0 });
  });
});
