/** `settings.survey` of an organization: whether each conversation that is closed asks for a figure, and how. */
export interface Survey {
  always: boolean;
  /** at most 1024 characters (reference §1.5) */
  text: string;
  /** what opens the list; at most 20 characters */
  button: string;
}

const WORDS: Record<string, Pick<Survey, "text" | "button">> = {
  nl: { text: "Hoe hebben we u geholpen?", button: "Geef een cijfer" },
  en: { text: "How did we do?", button: "Give a score" },
  de: { text: "Wie haben wir Ihnen geholfen?", button: "Bewerten" },
  fr: { text: "Comment vous avons-nous aidé ?", button: "Donner une note" },
  es: { text: "¿Cómo le hemos atendido?", button: "Dar una nota" },
};

/** The survey's words: the organization's own, else those of the language that the person reads, else Dutch. */
export function surveyFor(language: string | null, own: Partial<Survey>): { text: string; button: string } {
  const words = WORDS[(language ?? "nl").slice(0, 2).toLowerCase()] ?? (WORDS.en as Survey);
  return { text: own.text ?? words.text, button: own.button ?? words.button };
}
