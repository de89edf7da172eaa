// Moments as messages write them: the styles of `<t:…>`, and the time beside a name.

const SECONDS = { year: 31_536_000, month: 2_592_000, day: 86_400, hour: 3600, minute: 60, second: 1 };
/** The last second a Date can hold. */
const LAST = 8.64e12;

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
};

const formats = new Map();

function format(date, style, zone) {
  const key = `${style} ${zone}`;
  if (!formats.has(key)) {
    formats.set(
      key,
      new Intl.DateTimeFormat("en-GB", { ...STYLES[style], timeZone: zone, hourCycle: "h23" }),
    );
  }
  return formats.get(key).format(date);
}

const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** "in 3 hours", "2 days ago". */
export function fromNow(date, now) {
  const seconds = (date - now) / 1000;
  const unit = Object.keys(SECONDS).find((name) => Math.abs(seconds) >= SECONDS[name]) ?? "second";
  return relative.format(Math.trunc(seconds / SECONDS[unit]), unit);
}

/** The moment `unix` seconds in `style`, or null where there is no such moment. */
export function stamp(unix, style, { zone, now }) {
  if (Math.abs(unix) > LAST) return null;
  const date = new Date(unix * 1000);
  return style === "R" ? fromNow(date, now()) : format(date, style, zone);
}

export const fullDate = (date, zone) => format(date, "F", zone);

/** "10:32", "Yesterday 10:32", or with the date. */
export function messageTime(date, { zone, now }) {
  const clock = format(date, "t", zone);
  const day = format(date, "d", zone);
  if (day === format(now(), "d", zone)) return clock;
  if (day === format(new Date(now() - SECONDS.day * 1000), "d", zone)) return `Yesterday ${clock}`;
  return `${day} ${clock}`;
}

export const clockOnly = (date, zone) => format(date, "t", zone);
