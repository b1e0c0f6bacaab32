import { adviceOn } from "../../../src/reports/failures.ts";
import codes from "../../../src/sending/error-codes.json" with { type: "json" };

/** Every code of Meta's that is known, what adsapp does by itself, and what is left for a person. */
export function errorCodesTable(): string {
  const lines = codes.map(({ code, meaning, action }) => {
    const number = /^\d+/.exec(code)?.[0] ?? code;
    return `| ${code} | ${cell(meaning)} | ${action} | ${cell(adviceOn(number).whatToDo)} |`;
  });
  return ["| code | what Meta says | adsapp | a person |", "|---|---|---|---|", ...lines].join("\n");
}

const cell = (text: string) => text.replaceAll("|", "\\|");
