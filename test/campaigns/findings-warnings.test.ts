import { describe, expect, it } from "vitest";

import { findings, message, NONE, scheduled, useFindings } from "./findings-world.ts";

useFindings();

describe("a broadcast meets the database", () => {
  it.each<[string, object, string]>([
    [
      "a tag that nobody has",
      { targetAudience: { type: "tags", tags: ["customers", "vip"] } },
      'no contact has the tag "vip"',
    ],
    [
      "people who are not there",
      { targetAudience: { type: "contacts", contacts: ["+31610000001", "+31699999999"] } },
      "there is no contact +31699999999",
    ],
    [
      "a halted sender",
      { sender: "broken" },
      'sender "broken" is halted: nothing goes out before adsapp sender resume',
    ],
    [
      "a template not approved, but a log sender",
      { sender: "logger", ...message("waiting") },
      'template "waiting" (nl) is PENDING',
    ],
    [
      "a promotion by a template for service",
      message("service"),
      'template "service" (nl) is UTILITY and the campaign promotional: Meta limits accounts that send marketing with such templates (131064)',
    ],
    [
      "a notification by a template for marketing",
      { type: "notification", ...message("black_friday") },
      'template "black_friday" (nl) is MARKETING, so this notification campaign counts as marketing: who opted out is skipped',
    ],
    [
      "a text outside the service window",
      { message: { type: "text", text: "Hoi" } },
      "this is no template: it reaches only people who wrote in the last 24 hours, the others are skipped",
    ],
    [
      "a time that has gone by",
      scheduled("2026-11-27T09:59:00"),
      "scheduledAt 2026-11-27T09:59:00 has gone by: it starts at once",
    ],
    [
      "a local time that does not exist",
      scheduled("2027-03-28T02:30"),
      "2027-03-28T02:30 does not exist there (the clock goes forward): it starts at 2027-03-28 03:30:00",
    ],
    [
      "a local time that is there twice",
      scheduled("2027-10-31T02:30"),
      "2027-10-31T02:30 is there twice that night (the clock goes back): it starts the second time",
    ],
  ])("and is warned of %s", async (_what, given, warning) => {
    expect(await findings(given)).toEqual({ errors: [], warnings: [warning] });
  });

  it.each<[string, object]>([
    ["a notification by a template for service", { type: "notification", ...message("service") }],
    ["a text from a log sender", { sender: "logger", message: { type: "text", text: "Hoi" } }],
    ["an instant in the night when clocks change", scheduled("2027-10-31T02:30:00+01:00")],
    [
      "a time that is still to come in its own zone",
      scheduled("2026-11-27T09:59", { timezone: "America/New_York" }),
    ],
    ["an end after its start", scheduled("2026-12-01T10:00", { sendBefore: "2026-12-01T10:00:01" })],
  ])("and is not bothered about %s", async (_what, given) => {
    expect(await findings(given)).toEqual(NONE);
  });
});
