import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { consentOfPayload, consentOfText } from "../../src/webhooks/opt-out.ts";

const OPT_OUT = { says: "opt_out", risky: false };
const RISKY = { says: "opt_out", risky: true };
const OPT_IN = { says: "opt_in", risky: false };
const REVIEW = { says: "review", risky: false };

describe("the text of a message", () => {
  it.each([
    ...[
      "STOP",
      "stop",
      " Stop. ",
      "STOP!!!",
      "stop 🙏",
      "🛑 stop 🛑",
      "Stóp",
      "ＳＴＯＰ",
      "S.T.O.P",
      "st\u200bop",
      "*stop*",
    ],
    ...[
      "stop aub",
      "Stop promoties",
      "stop berichten",
      "nu stoppen graag",
      "Afmelden",
      "Meld me af!",
      "Schrijf me uit",
    ],
    ...[
      "uitschrijven a.u.b.",
      "geen berichten meer",
      "Niet meer sturen svp",
      "STOPALL",
      "opt-out",
      "OPT OUT",
      "unsubscribe",
    ],
    ...["Unsubscribe from Promos", "Stop promotions", "please\nstop", "Stop met berichten sturen"],
    ...["Ik wil geen berichten meer ontvangen.", `STOP${"!".repeat(100)}`],
  ])("%j is an opt-out", (text) => {
    expect(consentOfText(text)).toEqual(OPT_OUT);
  });

  it.each([
    ...["ARRÊT", "arret", "Arrêtez !", "désabonner", "Me désabonner svp", "stop pub"],
    ...["BAJA", "dar de baja", "Darme de baja", "No más mensajes", "Cancelar suscripción"],
    ...["Abmelden", "abmelden bitte", "Abbestellen!", "Stopp", "Keine Werbung mehr", "Bitte abmelden 🙏"],
    ...["Ich möchte keine Nachrichten mehr", "Je ne veux plus recevoir de messages.", "Quiero darme de baja"],
  ])("%j is one in German, French or Spanish", (text) => {
    expect(consentOfText(text)).toEqual(OPT_OUT);
  });

  it.each([
    ...["stop me maar een offerte toe", "Kunt u bij de bushalte stoppen morgen?"],
    ...["Kunnen jullie het abonnement stoppen aub", "Ich will mich für den Kurs abmelden"],
    `stop ${"x".repeat(4_000)}`,
  ])("%j holds a word of no in something longer, which a person has to judge", (text) => {
    expect(consentOfText(text)).toEqual(REVIEW);
  });

  it.each(["the end", "cancel my appointment", "Please remove that one from my order"])(
    "%j holds one that is meant for something else as often: to be judged where it answers marketing",
    (text) => {
      expect(consentOfText(text)).toEqual({ says: "review", risky: true });
    },
  );

  it.each([
    ...["nonstop", "Stopcontact kapot", "", "   ", "🙏", "Hallo", "yes", "ja", "oui", "remover"],
    ...["wanneer start het?", "start het morgen", "de bajada", "anmeldung wann?"],
  ])("%j is none, nor an opt-in", (text) => {
    expect(consentOfText(text)).toBeNull();
  });

  it.each(["Cancel", "END", "quit!", "remove", "TD", "annuleren", "Stornieren!"])(
    "%j is one where it answers marketing",
    (text) => {
      expect(consentOfText(text)).toEqual(RISKY);
    },
  );

  it.each([
    ...["START", "start!", "Unstop", "Aanmelden", "meld me aan", "opt-in", "Schrijf me in 😀"],
    ...["Anmelden", "S'abonner", "ALTA", "Suscribirme"],
  ])("%j opens marketing again", (text) => {
    expect(consentOfText(text)).toEqual(OPT_IN);
  });

  it("says the same whatever case, spaces, punctuation and emoji stand around it", () => {
    const mark = fc.constantFrom(..." .,!?*_~-\n", "\u200d", "🙏", "👍🏽");
    const noise = fc.array(mark, { maxLength: 20 }).map((marks) => marks.join(""));
    const word = fc.constantFrom(
      "stop",
      "afmelden",
      "meld me af",
      "unsubscribe",
      "arret",
      "baja",
      "abmelden",
    );
    fc.assert(
      fc.property(noise, word, noise, fc.boolean(), (before, said, after, loud) => {
        expect(consentOfText(`${before}${loud ? said.toUpperCase() : said}${after}`)).toEqual(OPT_OUT);
      }),
    );
  });

  it("never opens marketing where it holds a word of no", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 10 }), fc.string({ maxLength: 10 }), (before, after) => {
        expect(consentOfText(`${before} stop ${after}`)?.says).not.toBe("opt_in");
      }),
    );
  });
});

describe("the payload of a button", () => {
  it("is an opt-out where it begins with OPTOUT:, an opt-in with OPTIN:, else nothing", () => {
    expect(consentOfPayload("OPTOUT:c42")).toEqual(OPT_OUT);
    expect(consentOfPayload("OPTIN:c42")).toEqual(OPT_IN);
    for (const payload of ["stop", "optout:c42", "xOPTOUT:c42", "", null, 7, {}, undefined])
      expect(consentOfPayload(payload)).toBeNull();
  });
});
