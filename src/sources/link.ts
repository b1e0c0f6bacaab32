import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import { notAllowed } from "../errors.ts";
import text from "./sources.sql";
import type { Source } from "./sources.ts";

const sql = namedQueries(text, "phoneOfSender");

/**
 * The link that opens a chat with the source's token in it (reference §7): what the person sends is all that tells where
 * they come from. @param senderId undefined: the default sender
 * @throws UserError (1) for a source without a code, or a sender whose phone is unknown: what to set
 */
export async function linkOf(
  tx: Transaction,
  organizationId: string,
  source: Source,
  senderId?: string,
): Promise<string> {
  if (source.code === null)
    throw notAllowed(
      `"${source.name}" has no code: it takes what no other source takes`,
      "Make one: adsapp source create NAME --type qr_code",
    );
  const sender = await tx.one<{ name: string; phone: string | null }>(sql.phoneOfSender, [
    organizationId,
    senderId ?? null,
  ]);
  if (sender === undefined) throw notAllowed("there is no sender yet", "adsapp sender add --help");
  if (sender.phone === null)
    throw notAllowed(
      `the phone number of sender "${sender.name}" is unknown, and the link needs it`,
      `Set it: adsapp sender set "${sender.name}" --display-phone +31201234567`,
    );
  return waLink(sender.phone, source);
}

/** `https://wa.me/<digits>?text=<text> [ref: CODE]`, its text encoded. @param phone E.164 */
export function waLink(phone: string, { text, code }: { text: string | null; code: string | null }): string {
  const words = [text, `[ref: ${code}]`].filter((word) => word !== null).join(" ");
  return `https://wa.me/${phone.replace(/\D/g, "")}?text=${encodeURIComponent(words)}`;
}
