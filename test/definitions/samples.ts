// Definitions with something at each level, and what becomes of them by a slip.

const message = {
  type: "template",
  template: "hello",
  language: "nl",
  variables: { "1": "x" },
  header: { document: { link: "https://a.nl/b.pdf", filename: "b.pdf" } },
};
const where = {
  all: [
    { any: [{ tag: "a" }, { list: "b" }] },
    { not: { event: "bought", within_days: 3 } },
    { field: "attributes.city", op: "eq", value: "Gent" },
    { received: "Sale", within_days: 3 },
  ],
};

/** Definitions with something at each level. */
export const SAMPLES = {
  broadcast: {
    kind: "broadcast",
    name: "Sale",
    type: "promotional",
    sender: "main",
    targetAudience: {
      type: "segment",
      where,
      exclude: { tags: ["a"], lists: ["b"], contactedWithinDays: 3 },
    },
    message,
    scheduling: {
      type: "scheduled",
      scheduledAt: "2026-12-01T10:00",
      timezone: "Europe/Amsterdam",
      sendBefore: "2026-12-01T12:00",
    },
    rateLimiting: { enabled: true, messagesPerHour: 5 },
    settings: {
      quietHours: ["22:00", "08:00"],
      maxLateness: "2h",
      canary: { messages: 5, maxFailureRate: 0.1, wait: "5m" },
    },
    variants: [
      { name: "A", weight: 1 },
      { name: "B", weight: 1, message: { type: "image", link: "https://a.nl/b.png", caption: "x" } },
    ],
  },
  drip: {
    kind: "drip",
    name: "Leads",
    trigger: { type: "custom_event", event: "bought", where: { product: "x" } },
    settings: { stopOnReply: true, maxContactsPerDay: 5, reentry: { after_days: 3 } },
    exitWhen: [{ tag: "customer" }],
    steps: [{ delay: { type: "days", value: 1 }, sendAt: "10:00", when: { tag: "a" }, message }],
  },
  rule: {
    kind: "rule",
    name: "Rule",
    trigger: { type: "tag_added", tag: "a" },
    conditions: where,
    actions: [
      { type: "enroll_drip_campaign", campaign: "Leads", skipIfAlreadyEnrolled: true },
      { type: "emit_event", event: "x", data: { any: "thing" } },
    ],
    enabled: true,
  },
  template: {
    kind: "template",
    name: "hello",
    language: "nl",
    category: "UTILITY",
    status: "APPROVED",
    components: [
      { type: "HEADER", format: "TEXT", text: "x" },
      { type: "BODY", text: "x" },
      {
        type: "BUTTONS",
        buttons: [
          { type: "URL", text: "x", url: "https://a.nl" },
          { type: "PHONE_NUMBER", text: "y", phone_number: "+31" },
        ],
      },
    ],
  },
};

/** Fields that hold whatever people like. */
const FREE = /(^|\.)(variables|data|trigger\.where)\./;

type Path = (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (Array.isArray(value)) return value.flatMap((item, n) => pathsOf(item, [...path, n]));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([field, inner]) => [
    [...path, field],
    ...pathsOf(inner, [...path, field]),
  ]);
}

/** Where a sample's known fields stand. */
export const fieldsOf = (sample: object) => pathsOf(sample).filter((path) => !FREE.test(path.join(".")));

/** The sample with one field's name mistyped. */
export function mistyped(sample: object, path: Path): object {
  const copy = structuredClone(sample) as Record<string, unknown>;
  const field = String(path.at(-1));
  const group = path.slice(0, -1).reduce<Record<string, unknown>>((at, part) => at[part] as never, copy);
  const entries = Object.entries(group).map(([name, value]) => [name === field ? `${name}x` : name, value]);
  for (const name of Object.keys(group)) delete group[name];
  Object.assign(group, Object.fromEntries(entries));
  return copy;
}
