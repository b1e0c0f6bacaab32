import { defineCommand } from "../cli/command.ts";
import { confirm } from "../cli/confirm.ts";
import { ExitCode } from "../errors.ts";
import { findContact } from "./find.ts";
import { erasePerson } from "./person.ts";

export default defineCommand<[string]>({
  description:
    "Forgets a person for good: phone, names, email, attributes, tags, lists, texts of messages, events' data, and what raw webhook bodies\ntell of them. Numbers of campaigns stay. A keyed hash of the phone stays, so that no import brings the person back; who writes again\nis a new contact without marketing. Admins only. It cannot be undone: contact export first.",
  examples: ['adsapp contact erase "06 12345678"', "adsapp contact erase +31612345678 --yes --format json"],
  writes: true,
  declare(command) {
    command.argument("<contact>", "phone in any spelling, or id");
  },
  async run(context, _options, word) {
    const organization = await context.organization();
    const id = await context.operator((tx) => findContact(tx, organization, word));
    if (!(await confirm(`Erase ${word} for good?`, context.yes))) return ExitCode.Done;
    const erased = await context.operator((tx) => erasePerson(tx, id));
    await context.out.record(erased, [
      { key: "contactId", title: "Contact" },
      { key: "messages", title: "Messages emptied" },
      { key: "webhookBodies", title: "Webhook bodies cleaned" },
      { key: "erasedAt", title: "Erased", as: "time" },
    ]);
  },
});
