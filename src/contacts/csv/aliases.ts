/** What a column may be. Any other column is an attribute. */
export const FIELDS = [
  "phone",
  "bsuid",
  "first_name",
  "infix",
  "last_name",
  "full_name",
  "email",
  "language",
  "timezone",
  "tags",
  "list",
  "lists",
  "opt_in",
  "opt_in_source",
  "opt_out",
  "opt_out_source",
  "blocked",
  "attributes",
] as const;
export type Field = (typeof FIELDS)[number];

/**
 * Dutch and English names, folded, besides the fields' own. For consent only what cannot mean anything else: a date of
 * signing up ("aangemeld", "ingeschreven") is no consent to marketing. Ways of saying no are taken more widely.
 */
const ALIASES: Record<Field, string> = {
  phone: `phonenumber phoneno mobile mobilenumber mobilephone mobileno mobilephonenumber cell cellphone cellnumber
    cellphonenumber whatsapp whatsappnumber whatsappphone tel telephone telephonenumber telno phonee164 msisdn telefoon
    telefoonnummer telefoonnr telnr telnummer mobiel mobielnummer mobielnr mobieletelefoon
    mobieletelefoonnummer mobieltelefoonnummer mobieltelefoon gsm gsmnummer gsmnr whatsappnummer whatsappnr 06nummer`,
  bsuid: "whatsappuserid whatsappbsuid businessscopeduserid",
  first_name: "givenname forename first voornaam voornamen roepnaam contactvoornaam",
  infix: "nameprefix tussenvoegsel tussenvoegsels tussenv voorvoegsel voorvoegsels",
  last_name: "surname familyname last achternaam familienaam contactachternaam",
  full_name: "name displayname naam volledigenaam klantnaam contactnaam voorenachternaam naamklant",
  email: "emailaddress mail mailaddress emailadres mailadres epost",
  language: "lang languagecode locale taal taalcode voorkeurstaal voertaal",
  timezone: "tz tijdzone",
  tags: "tag labels label etiket etiketten",
  list: "listname contactlist lijst lijstnaam contactlijst",
  lists: "contactlists lijsten contactlijsten",
  opt_in: "optedin optedinat optindate optindatum consent marketingconsent toestemming marketingtoestemming",
  opt_in_source: "consentsource optinbron bronoptin toestemmingbron brontoestemming",
  opt_out: `optedout optedoutat optoutdate optoutdatum unsubscribed unsubscribedat unsubscribe donotcontact uitgeschreven
    uitgeschrevenop uitschrijving uitschrijfdatum afgemeld afgemeldop afmelding afmelddatum geenberichten geenreclame
    geenmarketing nietbenaderen`,
  opt_out_source: "optoutbron bronoptout redenafmelding",
  blocked: "blockedat geblokkeerd geblokkeerdop",
  attributes: "",
};

const BY_NAME = new Map<string, Field>(
  FIELDS.flatMap((field) =>
    [folded(field), ...ALIASES[field].split(/\s+/).filter(Boolean)].map((name) => [name, field] as const),
  ),
);

/** The field that a column of this name is, in Dutch or English; case, accents, spaces and dashes do not matter. */
export function fieldNamed(name: string): Field | undefined {
  return BY_NAME.get(folded(name));
}

/** A name as it is compared: "E-mail adres" -> "emailadres". */
export function folded(name: string): string {
  return withoutAccents(name).replace(/[^\p{L}\p{N}]/gu, "");
}

/** "Klant sinds" and "klantSinds" -> "klant_sinds" */
export function snaked(name: string): string {
  const words = withoutAccents(name.replace(/(\p{Ll}|\p{N})(\p{Lu})/gu, "$1_$2"));
  return words
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 63);
}

function withoutAccents(name: string): string {
  return name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
