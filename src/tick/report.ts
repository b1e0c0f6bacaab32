/** What a tick did: the shape that scripts rely on (design: the command line). */
export interface TickReport {
  tickId: string;
  startedAt: Date;
  durationMs: number;
  inbox: number;
  campaignsStarted: number;
  enrolled: number;
  jobsCreated: number;
  sent: { bulk: number; drip: number; direct: number };
  retried: number;
  failed: number;
  skipped: number;
  unknown: number;
  deferred: number;
  halted: { sender: string; reason: string }[];
  blocked: { sender: string; reason: string }[];
  due: number;
}

export function emptyReport(tickId: string, startedAt: Date): TickReport {
  return {
    tickId,
    startedAt,
    durationMs: 0,
    inbox: 0,
    campaignsStarted: 0,
    enrolled: 0,
    jobsCreated: 0,
    sent: { bulk: 0, drip: 0, direct: 0 },
    retried: 0,
    failed: 0,
    skipped: 0,
    unknown: 0,
    deferred: 0,
    halted: [],
    blocked: [],
    due: 0,
  };
}
