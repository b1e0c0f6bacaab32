import type { Command } from "commander";
import type { Context } from "../cli/context.ts";
import type { Output } from "../cli/output/index.ts";
import { writePrivateFile } from "../cli/private-file.ts";
import { watch } from "../cli/watch.ts";
import { UserError } from "../errors.ts";

export interface FormOptions {
  output?: string;
  force?: boolean;
  watch?: boolean;
}

export function declareForms(command: Command): void {
  command
    .option("--output <file>", "where --format html goes; without it to stdout")
    .option("--force", "over an existing file")
    .option("--watch", "live, until it is interrupted");
}

/**
 * A report in the form that was asked for: shown once, shown live (--watch), or as a page of HTML.
 * @param forms `show` reads anew and writes; `page` gives the whole document
 * @throws UserError for flags that the format does not take, a file that exists or cannot be written; whatever the forms throw
 */
export async function inItsForm(
  context: Context,
  { output, force, watch: isLive }: FormOptions,
  forms: { show(out: Output): Promise<void>; page(): Promise<string> },
): Promise<void> {
  const { out } = context;
  if (output !== undefined && out.format !== "html")
    throw new UserError("--output is for --format html", { hint: "Other formats go to stdout: > FILE" });
  if (isLive === true) return watch(out, context.stopping, forms.show);
  if (out.format !== "html") return forms.show(out);
  const page = await forms.page();
  if (output === undefined) return out.print(page.trimEnd());
  await writePrivateFile(output, [page], force === true);
  out.say(`${output} is written: open it in a browser.`);
}
