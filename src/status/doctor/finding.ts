/** ok: as it should be. warn: it works, and could go wrong. broken: something does not work until it is mended. */
export type Verdict = "ok" | "warn" | "broken";

/** What one check found. */
export interface Finding {
  check: string;
  /** of what: `jansen/main` of a sender; null: of all */
  subject: string | null;
  verdict: Verdict;
  /** in words, for people */
  found: string;
  /** the command or change that mends it; null: nothing is to be mended */
  mend: string | null;
}

export const ok = (check: string, found: string, subject: string | null = null): Finding => ({
  check,
  subject,
  verdict: "ok",
  found,
  mend: null,
});

export const warn = (check: string, found: string, mend: string, subject: string | null = null): Finding => ({
  check,
  subject,
  verdict: "warn",
  found,
  mend,
});

export const broken = (
  check: string,
  found: string,
  mend: string,
  subject: string | null = null,
): Finding => ({
  check,
  subject,
  verdict: "broken",
  found,
  mend,
});

/** The shape of `doctor --format json` and `sender test --format json`. */
export interface Diagnosis {
  /** nothing is broken */
  ok: boolean;
  findings: Finding[];
}

export function diagnosisOf(findings: Finding[]): Diagnosis {
  return { ok: findings.every(({ verdict }) => verdict !== "broken"), findings };
}
