import type { Transaction } from "../../db/database.ts";
import { namedQueries } from "../../db/queries.ts";
import text from "../reports.sql";
import { html, type Markup } from "./markup.ts";
import { STYLE } from "./style.ts";

const sql = namedQueries(text, "madeAt");

export interface Page {
  organization: string;
  /** the one that it is about */
  campaign: string | undefined;
  /** of when its numbers are, in words */
  scope: string;
  sections: readonly Markup[];
}

/**
 * One file of HTML: its style and charts are in it, it has no script, and it forbids itself to fetch anything. As operator.
 * @returns the whole document
 */
export async function documentOf(tx: Transaction, organizationId: string, page: Page): Promise<string> {
  const { organization, campaign, scope, sections } = page;
  const made = await tx.one<{ madeAt: string; timezone: string }>(sql.madeAt, [organizationId]);
  const title = campaign === undefined ? organization : `${campaign} · ${organization}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}: WhatsApp report, ${scope}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header><h1>${title}</h1><p class="soft">WhatsApp report, ${scope}. Days are those of ${made?.timezone ?? ""}.</p></header>
<div class="page">
${sections}
</div>
<footer class="soft">Made by adsapp on ${made?.madeAt ?? ""}.</footer>
</main>
</body>
</html>
`.text;
}
