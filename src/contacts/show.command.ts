import { defineCommand } from "../cli/command.ts";
import { showColumns } from "./columns.ts";
import { showContact } from "./contacts.ts";
import { findContact } from "./find.ts";

export default defineCommand<[string]>({
  description:
    "One contact: what is known, consent with its evidence, tags, lists, and everything that was sent.",
  examples: ['adsapp contact show "06 12345678"', "adsapp contact show +31612345678 --format json"],
  declare(command) {
    command.argument("<contact>", "phone in any spelling, or id");
  },
  async run(context, _options, word) {
    const organization = await context.organization();
    const contact = await context.operator(async (tx) => {
      return showContact(tx, organization.id, await findContact(tx, organization, word));
    });
    await context.out.record(contact, showColumns);
    if (context.out.format !== "table") return;
    if (contact.evidence.length > 0) {
      context.out.print("");
      await context.out.list(contact.evidence, [
        { key: "at", title: "Said", as: "time" },
        { key: "says", title: "Marketing" },
        { key: "source" },
        { key: "text" },
        { key: "messageId", title: "Message" },
      ]);
    }
    if (contact.history.length === 0) return;
    context.out.print("");
    await context.out.list(contact.history, [{ key: "at", as: "time" }, { key: "what" }, { key: "details" }]);
  },
});
