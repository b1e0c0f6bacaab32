import { isDeepStrictEqual } from "node:util";

/** What becomes of one field: null where there was nothing, or is nothing any more. */
export interface Change {
  /** `settings.quietHours`, `steps.2.message.template`; what is added or removed as a whole has no part behind it */
  path: string;
  from: unknown;
  to: unknown;
}

type Group = Record<string, unknown>;

/** The fields in which two definitions differ, in the order of the later one. Steps are told apart by what they say, not by their number. */
export function changesBetween(before: object, after: object): Change[] {
  return groupChanges(before as Group, after as Group, "");
}

function groupChanges(before: Group, after: Group, path: string): Change[] {
  const fields = new Set([...Object.keys(after), ...Object.keys(before)]);
  return [...fields].flatMap((field) => valueChanges(before[field], after[field], joined(path, field)));
}

function valueChanges(from: unknown, to: unknown, path: string): Change[] {
  if (isDeepStrictEqual(from, to)) return [];
  if (isGroup(from) && isGroup(to)) return groupChanges(from, to, path);
  if (areSteps(from) && areSteps(to)) return stepChanges(from, to, path);
  return [{ path, from: from ?? null, to: to ?? null }];
}

/**
 * What a list of steps (or variants, actions) gained, lost and changed. The longest run of steps that are the same in both, in
 * order, stays; between them, the nth that went and the nth that came are one step that changed. What came or changed
 * has its new number, what went its old one; both count from 1.
 */
function stepChanges(before: readonly Group[], after: readonly Group[], path: string): Change[] {
  const changes: Change[] = [];
  let [old, fresh] = [0, 0];
  for (const kept of [...commonSteps(before, after), { old: before.length, fresh: after.length }]) {
    const [went, came] = [kept.old - old, kept.fresh - fresh];
    for (let n = 0; n < Math.max(went, came); n++) {
      const number = (n < came ? fresh : old) + n + 1;
      const [from, to] = [n < went ? before[old + n] : undefined, n < came ? after[fresh + n] : undefined];
      changes.push(...valueChanges(from, to, joined(path, String(number))));
    }
    [old, fresh] = [kept.old + 1, kept.fresh + 1];
  }
  return changes;
}

/** The places of the longest common subsequence, by the textbook's table. */
function commonSteps(before: readonly Group[], after: readonly Group[]): { old: number; fresh: number }[] {
  const same = (old: number, fresh: number) => isDeepStrictEqual(before[old], after[fresh]);
  const longest = before.map(() => after.map(() => 0));
  const at = (old: number, fresh: number) => longest[old]?.[fresh] ?? 0;
  for (let old = before.length - 1; old >= 0; old--)
    for (let fresh = after.length - 1; fresh >= 0; fresh--)
      (longest[old] as number[])[fresh] = same(old, fresh)
        ? at(old + 1, fresh + 1) + 1
        : Math.max(at(old + 1, fresh), at(old, fresh + 1));
  const places: { old: number; fresh: number }[] = [];
  for (let old = 0, fresh = 0; old < before.length && fresh < after.length; ) {
    if (same(old, fresh)) places.push({ old: old++, fresh: fresh++ });
    else if (at(old + 1, fresh) >= at(old, fresh + 1)) old++;
    else fresh++;
  }
  return places;
}

function areSteps(value: unknown): value is Group[] {
  return Array.isArray(value) && value.every(isGroup);
}

function isGroup(value: unknown): value is Group {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function joined(path: string, field: string): string {
  return path === "" ? field : `${path}.${field}`;
}
