/** How long the sending takes if nothing else holds it up: hours, limits of Meta's, other campaigns of the sender. */
export interface Forecast {
  messages: number;
  /** by the sender's throughput, or by messagesPerHour where that is slower */
  perSecond: number;
  seconds: number;
  startsAt: Date;
  finishesAt: Date;
}

export interface Work {
  messages: number;
  startsAt: Date;
  /** messages a second of its sender */
  throughput: number;
  rateLimiting: { enabled: boolean; messagesPerHour?: number | undefined };
}

export function forecastOf({ messages, startsAt, throughput, rateLimiting }: Work): Forecast {
  const { burst, everySeconds } = hourlyPace(rateLimiting);
  const seconds = Math.ceil(Math.max(messages / throughput, (messages - burst) * everySeconds, 0));
  return {
    messages,
    perSecond: Math.round(Math.min(throughput, 1 / everySeconds) * 1000) / 1000,
    seconds,
    startsAt,
    finishesAt: new Date(startsAt.getTime() + seconds * 1000),
  };
}

/** The steps in which a claim gives out messagesPerHour (sending/claim.sql): a few at once, then one each so many seconds. */
function hourlyPace({ enabled, messagesPerHour }: Work["rateLimiting"]): {
  burst: number;
  everySeconds: number;
} {
  if (!enabled || messagesPerHour === undefined) return { burst: 0, everySeconds: 0 };
  const burst = Math.max(1, Math.ceil(messagesPerHour / 30));
  return { burst, everySeconds: 3660 / (messagesPerHour - burst + 1) };
}
