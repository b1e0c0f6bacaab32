import { describe, expect, it } from "vitest";
import { broadcastInput, broadcastSchema, settingsOf } from "../../src/campaigns/definition.ts";
import { checkDefinition } from "../../src/definitions/read.ts";
import { UserError } from "../../src/errors.ts";

const DESIGN = `
kind: broadcast
name: Black Friday Sale
type: promotional                 # promotional | transactional | notification | survey
sender: main
targetAudience:
  type: tags                      # all | tags | list | segment | contacts
  tags: [customers, vip]
  match: any                      # any | all
  exclude: { tags: [employee], contactedWithinDays: 3 }
message:
  type: template                  # template | text | image | document | video
  template: black_friday
  language: nl
  variables: { "1": "{{ contact.first_name | default: 'klant' }}" }
scheduling:
  type: scheduled                 # immediate | scheduled | recurring
  scheduledAt: 2026-11-27T10:00:00
  timezone: Europe/Amsterdam
rateLimiting: { enabled: true, messagesPerHour: 500 }
settings: { respectBusinessHours: false, quietHours: ["22:00", "08:00"], onUnknown: retry, maxLateness: 12h }
`;

const least =
  "kind: broadcast\nname: Sale\ntargetAudience: { type: all }\nmessage: { type: text, text: Hoi }\n";

function faultsOf(more: string): string[] {
  try {
    checkDefinition("f", `${least}${more}`, broadcastSchema);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message.split("\n");
  }
}

describe("a broadcast's definition", () => {
  it("is that of the design", () => {
    expect(checkDefinition("f", DESIGN, broadcastSchema)).toEqual({
      kind: "broadcast",
      name: "Black Friday Sale",
      type: "promotional",
      sender: "main",
      targetAudience: {
        type: "tags",
        tags: ["customers", "vip"],
        match: "any",
        exclude: { tags: ["employee"], contactedWithinDays: 3 },
      },
      message: {
        type: "template",
        template: "black_friday",
        language: "nl",
        variables: { "1": "{{ contact.first_name | default: 'klant' }}" },
      },
      scheduling: { type: "scheduled", scheduledAt: "2026-11-27T10:00:00", timezone: "Europe/Amsterdam" },
      rateLimiting: { enabled: true, messagesPerHour: 500 },
      settings: {
        respectBusinessHours: false,
        quietHours: ["22:00", "08:00"],
        onUnknown: "retry",
        maxLateness: "12h",
      },
    });
  });

  it("is the source document's createCampaign, with a Date and inline text", () => {
    const read = broadcastInput.parse({
      name: "Black Friday Sale",
      type: "promotional",
      targetAudience: { type: "tags", tags: ["customers", "vip"] },
      message: { type: "template", content: "Speciale korting voor u!" },
      scheduling: { type: "scheduled", scheduledAt: new Date("2025-11-15T10:00:00Z") },
      rateLimiting: { enabled: true, messagesPerHour: 500 },
    });
    expect(read.message).toEqual({ type: "text", text: "Speciale korting voor u!" });
    expect(read.scheduling).toEqual({ type: "scheduled", scheduledAt: "2025-11-15T10:00:00.000Z" });
  });

  it("needs no more than a name, an audience and a message; defaults are not written into it", () => {
    const read = checkDefinition("f", least, broadcastSchema);
    expect(read).toEqual({
      kind: "broadcast",
      name: "Sale",
      type: "promotional",
      targetAudience: { type: "all" },
      message: { type: "text", text: "Hoi" },
      scheduling: { type: "immediate" },
      rateLimiting: { enabled: false },
      settings: {},
    });
    expect(settingsOf(read)).toEqual({
      canary: null,
      respectBusinessHours: false,
      quietHours: null,
      onUnknown: "retry",
      holdMinutes: 10,
      holdout: null,
      maxLateness: "12h",
      maxAttempts: 3,
      requireOptIn: false,
    });
    expect(settingsOf({ settings: { maxAttempts: 5 } })).toMatchObject({ maxAttempts: 5, holdMinutes: 10 });
  });

  it.each([
    [
      "scheduled without a time",
      "scheduling: { type: scheduled }",
      "f:5:21: scheduling.type: a scheduled broadcast needs scheduledAt",
    ],
    [
      "a time without scheduled",
      "scheduling: { scheduledAt: 2026-11-27T10:00 }",
      "f:5:28: scheduling.scheduledAt: an immediate broadcast has no time; write type: scheduled",
    ],
    [
      "a time zone that is none",
      "scheduling: { timezone: Amsterdam }",
      "f:5:25: scheduling.timezone: write a time zone such as Europe/Amsterdam",
    ],
    [
      "a limit without a number",
      "rateLimiting: { enabled: true }",
      "f:5:15: rateLimiting: say messagesPerHour, or enabled: false",
    ],
    [
      "no messages an hour",
      "rateLimiting: { messagesPerHour: 0 }",
      expect.stringMatching(/^f:5:34: rateLimiting\.messagesPerHour: Too small/),
    ],
    [
      "quiet hours without length",
      'settings: { quietHours: ["22:00", "22:00"] }',
      "f:5:25: settings.quietHours: they are the same; leave them out",
    ],
    [
      "lateness of nothing",
      "settings: { maxLateness: 0h }",
      "f:5:26: settings.maxLateness: write a duration such as 10m, 12h or 7d",
    ],
    [
      "a canary of nobody",
      "settings: { canary: { messages: 0 } }",
      expect.stringMatching(/^f:5:33: settings\.canary\.messages: Too small/),
    ],
    [
      "a canary that may fail more than wholly",
      "settings: { canary: { messages: 10, maxFailureRate: 10 } }",
      expect.stringMatching(/^f:5:53: settings\.canary\.maxFailureRate: Too big/),
    ],
    [
      "a canary without a size",
      "settings: { canary: { wait: 10m } }",
      expect.stringMatching(/^f:5:21: settings\.canary\.messages/),
    ],
    [
      "attempts without end",
      "settings: { maxAttempts: 100 }",
      expect.stringMatching(/^f:5:26: settings\.maxAttempts: Too big/),
    ],
    [
      "nearly everybody held out",
      "settings: { holdout: 95 }",
      expect.stringMatching(/^f:5:22: settings\.holdout: Too big/),
    ],
  ])("is refused with %s", (_what, more, fault) => {
    expect(faultsOf(more)).toEqual([fault]);
  });

  it("takes a limit with a number for one that is on", () => {
    expect(
      checkDefinition("f", `${least}rateLimiting: { messagesPerHour: 60 }`, broadcastSchema).rateLimiting,
    ).toEqual({ enabled: true, messagesPerHour: 60 });
  });
});
