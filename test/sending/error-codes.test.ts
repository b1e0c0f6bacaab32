import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { adviceOn } from "../../src/reports/failures.ts";
import { packageRoot } from "../../src/root.ts";
import { KNOWN_ERRORS, knownError } from "../../src/sending/error-codes.ts";
import { outcomeOf } from "../../src/sending/outcomes.ts";

const nameOf = ({ first, last }: { first: number; last: number }) =>
  first === last ? `${first}` : `${first}-${last}`;

it("each code of Meta's stands once, alone or in one range", () => {
  const twice = KNOWN_ERRORS.filter((known) => knownError(known.first) !== known).map(nameOf);
  const backwards = KNOWN_ERRORS.filter(({ first, last }) => !(first <= last)).map(nameOf);
  expect({ twice, backwards }).toEqual({ twice: [], backwards: [] });
});

it("each has a meaning, and an action with a consequence, advice, and a line on both pages", () => {
  const pages = ["error-codes", "outcomes"].map((page) =>
    readFileSync(join(packageRoot(), `docs/reference/${page}.md`), "utf8"),
  );
  const refused = { httpStatus: 400, subcode: null, details: "", transient: false, retryAfterSeconds: null };
  const lacks = KNOWN_ERRORS.flatMap((known) => {
    const { first: code, meaning, action } = known;
    const { row } = outcomeOf({ kind: "refused", refusal: { ...refused, code } }, { attempts: 1, waits: 0 });
    const tells = (page: string) => new RegExp(`^\\|[^|]*\\b${action}\\b`, "m").test(page);
    return [
      meaning === "" && "a meaning",
      row === undefined && `a consequence of ${action} (outcomes.ts)`,
      adviceOn(String(code)).whatToDo === undefined && `advice on ${action} (failures.ts)`,
      !pages.every(tells) && `${action} in docs/reference/error-codes.md and outcomes.md`,
    ].flatMap((what) => (what === false ? [] : [`${nameOf(known)} lacks ${what}`]));
  });
  expect(lacks).toEqual([]);
});
