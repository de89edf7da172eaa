// Moments as messages write them: the styles of `<t:…>`, and the time beside a name.

import { written } from "./times.js";

const SECONDS = { year: 31_536_000, month: 2_592_000, day: 86_400, hour: 3600, minute: 60, second: 1 };
/** The last second a Date can hold. */
const LAST = 8.64e12;

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
  return style === "R" ? fromNow(date, now()) : written(date, style, zone);
}

export const fullDate = (date, zone) => written(date, "F", zone);

/** "10:32", "Yesterday 10:32", or with the date. */
export function messageTime(date, { zone, now }) {
  const clock = written(date, "t", zone);
  const day = written(date, "d", zone);
  if (day === written(now(), "d", zone)) return clock;
  if (day === written(new Date(now() - SECONDS.day * 1000), "d", zone)) return `Yesterday ${clock}`;
  return `${day} ${clock}`;
}
