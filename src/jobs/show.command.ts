import { defineCommand } from "../cli/command.ts";
import { attemptColumns, showColumns } from "./columns.ts";
import { findJob } from "./find.ts";

export default defineCommand<[string]>({
  description:
    "One message: its attempts and times, the provider's ids, why it is where it is, and what will happen next and when.",
  examples: [
    "adsapp job show 5f0c6f0e-6a4b-4f0e-9d5e-0a8a3f1f2b11",
    "adsapp job show wamid.HBgLMzE2MTIzNDU2NzgVAgARGBI --format json",
  ],
  declare(command) {
    command.argument("<id>", "of the message here, or the provider's");
  },
  async run(context, _options, wanted) {
    const { id } = await context.organization();
    const job = await context.operator((tx) => findJob(tx, id, wanted));
    if (context.out.format !== "table")
      return context.out.record(job, [...showColumns, { key: "messages" }] as { key: keyof typeof job }[]);
    await context.out.record(job, showColumns);
    if (job.messages.length === 0) return;
    context.out.print("");
    await context.out.list(job.messages, attemptColumns);
  },
});
