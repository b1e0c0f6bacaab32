import { defineCommand } from "../cli/command.ts";
import { ingestFiles } from "./ingest.ts";

export default defineCommand<[string[]]>({
  description:
    "Stores webhook bodies of Meta's (one a line, or one a file) and applies their delivery statuses, replies and opt-outs. In any order and as often as you like:\nwhat is known already changes nothing. A body that cannot be applied waits with its error; adsapp status shows it.",
  examples: [
    "adsapp webhook ingest bodies.ndjson",
    "zcat bodies.ndjson.gz | adsapp webhook ingest - --format json",
  ],
  writes: true,
  scope: "all",
  declare(command) {
    command.argument("<file...>", "files of webhook bodies, one a line or one a file; - reads stdin");
  },
  async run(context, _options, files) {
    const ingested = await ingestFiles(await context.database(), files, process.stdin);
    await context.out.record(ingested, [{ key: "bodies" }, { key: "processed" }]);
  },
});
