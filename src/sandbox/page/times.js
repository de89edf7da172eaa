// Writes moments in a time zone.

const CLOCK = { hour: "2-digit", minute: "2-digit" };
/** The first eight are those of `<t:…>` in a message. */
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
  s: { dateStyle: "short", timeStyle: "short" },
  S: { dateStyle: "short", timeStyle: "medium" },
  shortDay: { weekday: "short", day: "numeric", month: "short", year: "numeric" },
  longDay: { dateStyle: "full" },
  thisWeek: { weekday: "short", ...CLOCK },
  later: { weekday: "short", day: "numeric", month: "short", ...CLOCK },
};
const formats = new Map();

export function written(date, style, zone) {
  const key = `${style} ${zone}`;
  if (!formats.has(key)) {
    const options = { ...STYLES[style], timeZone: zone, hourCycle: "h23" };
    formats.set(key, new Intl.DateTimeFormat("en-GB", options));
  }
  return formats.get(key).format(date);
}

const plainly = (date, style, zone) => written(date, style, zone).replaceAll(",", "");

export const clockTime = (date, zone, seconds = false) => written(date, seconds ? "T" : "t", zone);
export const shortDay = (date, zone) => plainly(date, "shortDay", zone);
export const longDay = (date, zone) => plainly(date, "longDay", zone);

/** "Mon 09:00" within the week ahead of `now`, else with the date. */
export const soon = (date, zone, now) =>
  plainly(date, date - now < 6.5 * 86_400_000 ? "thisWeek" : "later", zone);

export function browserZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

export function zones() {
  return Intl.supportedValuesOf?.("timeZone") ?? [];
}

export function isZone(name) {
  try {
    return Boolean(name) && Boolean(new Intl.DateTimeFormat("en-GB", { timeZone: name }));
  } catch {
    return false;
  }
}
