import { defineCommand } from "../cli/command.ts";
import { findSender } from "../senders/senders.ts";
import { linkOf } from "./link.ts";
import { onWhite, refuse, writePicture } from "./picture.ts";
import { findSource } from "./sources.ts";

interface Options {
  sender?: string;
  svg?: string;
  png?: string;
  force?: boolean;
}

export default defineCommand<[string], Options>({
  description:
    "The link of a source, which opens a chat with its text and code, and the link as a QR code: in the terminal, as SVG or as PNG. WhatsApp\ntells nothing but the text that is sent, so leave the code in it.",
  examples: [
    'adsapp source qr "Poster in the shop"',
    'adsapp source qr "Poster in the shop" --svg poster.svg --png poster.png',
  ],
  declare(command) {
    command
      .argument("<source>", "name or id")
      .option("--sender <name>", "whose number (default: the default sender's)")
      .option("--svg <file>", "write it as SVG")
      .option("--png <file>", "write it as PNG, 1024 pixels wide")
      .option("--force", "write over files that exist");
  },
  async run(context, { sender, svg, png, force = false }, name) {
    const files = [svg, png].filter((path) => path !== undefined);
    for (const path of files) refuse(path, force);
    const { id } = await context.organization();
    const { source, link } = await context.operator(async (tx) => {
      const found = await findSource(tx, id, name);
      const senderId = sender === undefined ? undefined : (await findSender(tx, id, sender)).id;
      return { source: found, link: await linkOf(tx, id, found, senderId) };
    });
    const { default: qrcode } = await import("qrcode");
    if (svg !== undefined) writePicture(svg, await qrcode.toString(link, { type: "svg" }), force);
    if (png !== undefined) writePicture(png, await qrcode.toBuffer(link, { width: 1024 }), force);
    const shown = { name: source.name, code: source.code, link };
    await context.out.record(shown, [{ key: "name" }, { key: "code" }, { key: "link", as: "text" }]);
    if (context.out.format === "table" && files.length === 0)
      context.out.print(onWhite(await qrcode.toString(link, { type: "utf8" }), context.out.color));
    for (const path of files) context.out.say(`${path} written`);
  },
});
