// Writes moments in a time zone.

const formats = new Map();

function parts(date, zone) {
  if (!formats.has(zone)) {
    formats.set(
      zone,
      new Intl.DateTimeFormat("en-GB", {
        timeZone: zone,
        weekday: "long",
        day: "numeric",
        month: "long",
        year: "numeric",
        hour: "2-digit",
        minute: "2-digit",
        second: "2-digit",
        hourCycle: "h23",
      }),
    );
  }
  return Object.fromEntries(
    formats
      .get(zone)
      .formatToParts(date)
      .map(({ type, value }) => [type, value]),
  );
}

const short = (name) => name.slice(0, 3);

export function clockTime(date, zone, seconds = false) {
  const at = parts(date, zone);
  return `${at.hour}:${at.minute}${seconds ? `:${at.second}` : ""}`;
}

export function shortDay(date, zone) {
  const at = parts(date, zone);
  return `${short(at.weekday)} ${at.day} ${short(at.month)} ${at.year}`;
}

export function longDay(date, zone) {
  const at = parts(date, zone);
  return `${at.weekday} ${at.day} ${at.month} ${at.year}`;
}

/** "Mon 09:00" within the week ahead of `now`, else with the date. */
export function soon(date, zone, now) {
  const at = parts(date, zone);
  const ahead = date - now;
  const day =
    ahead < 6.5 * 86_400_000 ? short(at.weekday) : `${short(at.weekday)} ${at.day} ${short(at.month)}`;
  return `${day} ${at.hour}:${at.minute}`;
}

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
