import { describe, expect, it } from "vitest";
import { readStatuses } from "../../src/webhooks/body.ts";
import { bodyOf, NUMBER } from "./setup.ts";

const JOB = "3f2b8a54-5d2e-4a3c-9b1a-2c9d8e7f6a5b";

/** The reference's own payloads (§5.4), with an opaque id of ours. */
const SENT = `{"object":"whatsapp_business_account","entry":[{"id":"102290129340398","changes":[{"field":"messages","value":{
  "messaging_product":"whatsapp",
  "metadata":{"display_phone_number":"31201234567","phone_number_id":"106540000000001"},
  "contacts":[{"profile":{"name":"Sanne","username":"@sanne"},"wa_id":"31612345678","user_id":"NL.1349120865"}],
  "statuses":[{
    "id":"wamid.OUT0001","status":"sent","timestamp":"1764000000",
    "recipient_id":"31612345678","recipient_user_id":"NL.1349120865",
    "biz_opaque_callback_data":"b:${JOB}:2",
    "conversation":{"id":"8f84","expiration_timestamp":"1764086400","origin":{"type":"marketing"}},
    "pricing":{"billable":true,"pricing_model":"PMP","type":"regular","category":"marketing"}}]}}]}]}`;
const FAILED = {
  id: "wamid.OUT0001",
  status: "failed",
  timestamp: "1764000003",
  recipient_id: "31612345678",
  errors: [
    {
      code: 131049,
      title: "Not delivered",
      message: "Not delivered",
      error_data: { details: "Healthy ecosystem" },
    },
  ],
};

const only = (body: string) => {
  const statuses = readStatuses(body);
  expect(statuses).toHaveLength(1);
  return statuses[0];
};

describe("a webhook body", () => {
  it("tells a sent status with the job, the attempt and the price that it names", () => {
    expect(only(SENT)).toEqual({
      phoneNumberId: "106540000000001",
      wamid: "wamid.OUT0001",
      status: "sent",
      at: new Date(1_764_000_000_000),
      jobId: JOB,
      kind: "b",
      bsuid: "NL.1349120865",
      attempt: 2,
      errorCode: null,
      error: null,
      pricing: { billable: true, pricing_model: "PMP", type: "regular", category: "marketing" },
      optedOut: false,
      undeliverable: false,
    });
  });

  it("tells a failed status with the code and the details of its error", () => {
    expect(only(bodyOf([FAILED]))).toMatchObject({
      status: "failed",
      jobId: null,
      attempt: null,
      errorCode: "131049",
      error: "Healthy ecosystem",
      pricing: null,
      optedOut: false,
      undeliverable: false,
    });
  });

  it("takes the title of an error that has no details, and an error without a code", () => {
    expect(only(bodyOf([{ ...FAILED, errors: [{ code: 131000, title: "Something" }] }]))).toMatchObject({
      errorCode: "131000",
      error: "Something",
    });
    expect(only(bodyOf([{ ...FAILED, errors: [{ message: "No code" }] }]))).toMatchObject({
      errorCode: null,
      error: "No code",
    });
    expect(only(bodyOf([{ ...FAILED, errors: [] }]))).toMatchObject({ errorCode: null, error: null });
  });

  it("knows an opt-out and an undeliverable number by their code, where the status has failed", () => {
    expect(only(bodyOf([{ status: "failed", code: 131050 }]))).toMatchObject({
      optedOut: true,
      undeliverable: false,
    });
    expect(only(bodyOf([{ status: "failed", code: 131026 }]))).toMatchObject({
      optedOut: false,
      undeliverable: true,
    });
    expect(only(bodyOf([{ status: "delivered", code: 131050 }]))).toMatchObject({
      optedOut: false,
      errorCode: null,
    });
  });

  it("counts a voice note that was played as read", () => {
    expect(only(bodyOf([{ status: "played" }]))?.status).toBe("read");
  });

  it.each([
    "accepted",
    "deleted",
    "warning",
    "__proto__",
    "constructor",
    "toString",
    "",
    7,
    null,
    ["sent"],
    {},
  ])("passes over the status %j and keeps those beside it", (status) => {
    expect(
      only(
        bodyOf([
          { id: "a", status: status as string },
          { id: "b", status: "read" },
        ]),
      ),
    ).toMatchObject({ wamid: "b", status: "read" });
  });

  it.each([
    ["an opaque id of another program", { biz_opaque_callback_data: "c42:r981:a1" }],
    ["attempt 0", { biz_opaque_callback_data: `b:${JOB}:0` }],
    ["an attempt that no column holds", { biz_opaque_callback_data: `b:${JOB}:99999` }],
    ["a number", { biz_opaque_callback_data: 12 }],
  ])("names no job of ours by %s", (_what, further) => {
    expect(only(bodyOf([{ status: "sent", ...further }]))).toMatchObject({ jobId: null, attempt: null });
  });

  it.each(["", "0", "-5", "soon", "1e99", null, [1764000000], { valueOf: 1 }])(
    "passes over a status of the time %j",
    (timestamp) => {
      expect(readStatuses(bodyOf([{ status: "sent", timestamp }]))).toEqual([]);
    },
  );

  it.each([
    "messages",
    { field: "messages", value: { statuses: [FAILED] } },
    { field: "messages", value: { metadata: { phone_number_id: 5.5 }, statuses: [FAILED] } },
    { field: "messages", value: { metadata: { phone_number_id: NUMBER }, statuses: { 0: FAILED } } },
    { field: "messages", value: { metadata: { phone_number_id: NUMBER }, messages: [{ id: "wamid.IN1" }] } },
    { field: "message_template_status_update", value: { event: "PAUSED", message_template_id: 1 } },
    { field: "user_preferences", value: { metadata: { phone_number_id: NUMBER }, statuses: [FAILED] } },
    null,
  ])("passes over what is no status of a message: %j", (change) => {
    const body = JSON.stringify({
      object: "whatsapp_business_account",
      entry: [{ changes: [change] }, null],
    });
    expect(readStatuses(body)).toEqual([]);
  });

  it("reads every entry and every change", () => {
    const entry = JSON.parse(bodyOf([{ status: "sent" }])).entry[0];
    const body = {
      object: "whatsapp_business_account",
      entry: [entry, { changes: [...entry.changes, ...entry.changes] }],
    };
    expect(readStatuses(JSON.stringify(body))).toHaveLength(3);
  });
});
