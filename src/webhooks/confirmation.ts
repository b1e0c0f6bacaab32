import type { Transaction } from "../db/database.ts";
import { namedQueries } from "../db/queries.ts";
import text from "./inbound.sql";

const sql = namedQueries(text, "confirmOptOuts");

/** What somebody who has just said STOP reads, where the organization has no words of its own (settings.optOutConfirmation). */
export const CONFIRMATIONS: Readonly<Record<string, string>> = {
  nl: "Je bent afgemeld en krijgt geen reclame meer van ons. Toch weer ontvangen? Stuur START.",
  en: "You are unsubscribed and will get no more offers from us. To receive them again, send START.",
  de: "Du bist abgemeldet und erhältst keine Werbung mehr von uns. Um sie wieder zu erhalten, sende START.",
  fr: "Vous êtes désabonné et ne recevrez plus nos offres. Pour les recevoir à nouveau, envoyez START.",
  es: "Te has dado de baja y ya no recibirás nuestras ofertas. Para recibirlas de nuevo, envía START.",
};

/** What is spoken where a contact's language is not known, by the organization's country; elsewhere English. */
const SPOKEN: Readonly<Record<string, string>> = {
  ...{ NL: "nl", BE: "nl", SR: "nl", DE: "de", AT: "de", CH: "de", LI: "de", FR: "fr", LU: "fr", MC: "fr" },
  ...{ ES: "es", MX: "es", AR: "es", CO: "es", CL: "es", PE: "es" },
};

/**
 * One message to each of these contacts, who have gone from in to out by this batch: they wait in the `direct` queue, which looks at the
 * block and the service window once more. None to those whose STOP is older than the window.
 */
export async function confirmOptOuts(tx: Transaction, contactIds: readonly string[]): Promise<void> {
  if (contactIds.length === 0) return;
  await tx.run(sql.confirmOptOuts, [contactIds, JSON.stringify(CONFIRMATIONS), JSON.stringify(SPOKEN)]);
}
