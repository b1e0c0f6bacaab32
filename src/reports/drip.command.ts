import { defineCommand } from "../cli/command.ts";
import { findDrip } from "../drips/find.ts";
import { dripNumbers } from "./drip.ts";
import { declareWindow, type WindowOptions, windowOf } from "./window.ts";

interface Options extends WindowOptions {
  campaign?: string;
}

export default defineCommand<[], Options>({
  description:
    "The drips by who entered them in these days: what became of the people, and of their messages until now. Days are the\norganization's own; completion is in percent of the people, the other rates in percent of sent.",
  examples: [
    "adsapp report drip --days 30 --format csv",
    'adsapp report drip --since 2026-11-01 --until 2026-11-30 --campaign "Nieuwe Lead Opvolging"',
  ],
  declare(command) {
    declareWindow(command);
    command.option("--campaign <name>", "only this drip (name or id)");
  },
  async run(context, options) {
    const { id } = await context.organization();
    const { window, lines } = await context.operator(async (tx) => {
      const window = await windowOf(tx, id, options);
      const drip = options.campaign === undefined ? undefined : await findDrip(tx, id, options.campaign);
      return { window, lines: await dripNumbers(tx, id, window, drip?.id) };
    });
    await context.out.list(
      lines,
      [
        { key: "drip" },
        { key: "enrolled" },
        { key: "active" },
        { key: "completed" },
        { key: "dropped" },
        { key: "optedOut" },
        { key: "messagesSent", title: "Sent" },
        { key: "messagesDelivered", title: "Delivered" },
        { key: "messagesRead", title: "Read" },
        { key: "repliesReceived", title: "Replies" },
        { key: "completionRate", as: "percent" },
        { key: "deliveryRate", as: "percent" },
        { key: "openRate", as: "percent" },
        { key: "replyRate", as: "percent" },
      ],
      { empty: `Nobody entered a drip from ${window.since} to ${window.until}.` },
    );
  },
});
