import { afterAll, beforeAll } from "vitest";
import { findingsOf } from "../../src/campaigns/findings.ts";
import { makeContacts, makeSender, makeTemplate } from "../support/factories.ts";
import { broadcast, type Setup, setup } from "./setup.ts";

export let s: Setup;

/** For a file's tests: senders, tags, lists and templates that broadcasts meet, also of another tenant. */
export function useFindings(): void {
  beforeAll(async () => {
    s = await setup();
    await makeSender(s.database, s.organization, {
      name: "main",
      provider: "whatsapp-cloud",
      throughput: 20,
    });
    await makeSender(s.database, s.organization, { name: "logger" });
    await makeSender(s.database, s.organization, { name: "broken", haltReason: "190: token expired" });
    await makeContacts(s.database, s.organization, 2, { tags: ["customers"] });
    await makeTemplate(s.database, s.organization);
    await makeTemplate(s.database, s.organization, { name: "waiting", status: "PENDING" });
    await makeTemplate(s.database, s.organization, {
      name: "paused_one",
      language: "en_US",
      status: "PAUSED",
    });
    await s.asAdmin(async (tx) => {
      await tx.run("insert into contact_lists (organization_id, name) values ($1, 'klanten')", [
        s.organization.id,
      ]);
      const components = [
        { type: "HEADER", format: "IMAGE" },
        { type: "BODY", text: "Kijk" },
        { type: "BUTTONS", buttons: [{ type: "COPY_CODE" }] },
      ];
      await tx.run(
        `insert into message_templates (organization_id, name, language, category, status, components)
       values ($1, 'with_image', 'nl', 'MARKETING', 'APPROVED', $2)`,
        [s.organization.id, JSON.stringify(components)],
      );
    });
    await s.asAdmin((tx) =>
      tx.run(
        `insert into message_templates (organization_id, name, language, category, status, parameter_format, components)
       values ($1, 'strange', 'nl', 'MARKETING', 'APPROVED', 'POSITIONAL', $2), ($1, 'linked', 'nl', 'MARKETING', 'APPROVED', 'NAMED', $3)`,
        [
          s.organization.id,
          JSON.stringify([
            { type: "HEADER", format: "LOCATION" },
            { type: "BODY", text: "Kijk {{1}}" },
            { type: "BUTTONS", buttons: [{ type: "FLOW", text: "Vul in" }] },
            { type: "CAROUSEL", cards: [] },
          ]),
          JSON.stringify([
            { type: "HEADER", format: "TEXT", text: "Hoi {{naam}}" },
            { type: "BODY", text: "Kijk {{naam}}" },
            { type: "BUTTONS", buttons: [{ type: "URL", text: "Kijk", url: "https://example.nl/{{1}}" }] },
          ]),
        ],
      ),
    );
    await makeTemplate(s.database, s.organization, { name: "service", category: "UTILITY" });
    await makeTemplate(s.database, s.organization, { name: "codes", category: "AUTHENTICATION" });
    await makeTemplate(s.database, s.organization, { name: "long", body: `${"a".repeat(1000)} {{1}}` });
    await makeTemplate(s.database, s.other, { name: "theirs" });
    await makeSender(s.database, s.other, { name: "their_sender" });
  });

  afterAll(() => s.end());
}

export const findings = async (given: object) => {
  const { errors, warnings } = await s.asAdmin((tx) => findingsOf(tx, s.organization.id, broadcast(given)));
  return { errors, warnings };
};
export const NONE = { errors: [], warnings: [] };
export const message = (template: string, more: object = {}) => ({
  message: { type: "template", template, language: "nl", variables: { "1": "x" }, ...more },
});
export const scheduled = (scheduledAt: string, more: object = {}) => ({
  scheduling: { type: "scheduled", scheduledAt, ...more },
});
