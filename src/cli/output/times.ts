const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * A time as tables show it.
 * @param timeZone IANA; one that is unknown here (TZ holds anything) gives way to the machine's own
 * @returns `2026-11-27 10:00` in that zone, or only its day; undefined for a Date that holds no time
 */
export function localTime(time: Date, timeZone: string, dayOnly: boolean): string | undefined {
  if (Number.isNaN(time.getTime())) return undefined;
  const parts = formatFor(timeZone).formatToParts(time);
  const part = (type: string) => parts.find((one) => one.type === type)?.value;
  const day = `${part("year")}-${part("month")}-${part("day")}`;
  return dayOnly ? day : `${day} ${part("hour")}:${part("minute")}`;
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (format === undefined) {
    format = newFormat(timeZone);
    formats.set(timeZone, format);
  }
  return format;
}

function newFormat(timeZone: string): Intl.DateTimeFormat {
  const shape: Intl.DateTimeFormatOptions = {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  };
  try {
    return new Intl.DateTimeFormat("en-US", { ...shape, timeZone });
  } catch {
    return new Intl.DateTimeFormat("en-US", shape);
  }
}

/** Milliseconds as `850 ms`, `12.3 s`, `4 min`, `2 h 5 min` or `3 d 4 h`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 999.5) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 119_950) return `${(milliseconds / 1000).toFixed(1)} s`;
  const minutes = Math.round(milliseconds / 60_000);
  if (minutes < 120) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
