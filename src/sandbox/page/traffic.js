// The inspector's traffic: every call, event and connection in order, as rows that open.

import { el } from "./dom.js";
import { explain } from "./explain.js";
import { fileSize } from "./media.js";
import { aside } from "./safe.js";
import { clockTime } from "./times.js";

const MOST_ROWS = 1000;
const MOST_KEPT = 20_000;
const LONG = 20_000;
const AT_BOTTOM = 30;

/** `zone()` tells in which time zone its times are. */
export function createTraffic(zone) {
  const rows = el("ol.traffic-rows");
  const scroller = el(
    "div.traffic-scroll",
    { tabindex: "0", role: "region", "aria-label": "Calls and events" },
    rows,
  );
  const count = el("span.traffic-count");
  const more = el(
    "p.traffic-more",
    { hidden: true },
    `Only the latest ${MOST_ROWS.toLocaleString("en")} are shown.`,
  );
  const filter = el("input", {
    type: "search",
    placeholder: "Filter: a route, event or status",
    "aria-label": "Filter",
  });
  const rest = toggle("REST", true);
  const gateway = toggle("Gateway", true);
  const errors = toggle("Only errors", false);
  const pause = el("button.quiet", { "aria-pressed": "false" }, "Pause");
  const clear = el("button.quiet", "Clear");
  let kept = [];
  let waiting = [];
  let planned = false;
  let paused = false;
  let held = 0;
  let stuck = true;

  scroller.addEventListener(
    "scroll",
    () => {
      stuck = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_BOTTOM;
    },
    { passive: true },
  );
  // Also when the panel opens: what is hidden can't be scrolled.
  new ResizeObserver(() => stuck && toBottom()).observe(scroller);
  filter.addEventListener("input", redraw);
  for (const box of [rest, gateway, errors]) box.button.addEventListener("click", redraw);
  clear.addEventListener("click", () => {
    kept = [];
    waiting = [];
    redraw();
  });
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.setAttribute("aria-pressed", String(paused));
    redraw();
  });

  function wanted(item) {
    const { entry, said } = item;
    if (!(entry.kind === "rest" ? rest : gateway).on()) return false;
    if (errors.on() && !said.isError) return false;
    const words = filter.value.trim().toLowerCase();
    return words === "" || textOf(item).includes(words);
  }

  function add(entries) {
    const items = entries.map((entry) => ({ entry, said: explain(entry) }));
    kept.push(...items);
    if (kept.length > MOST_KEPT) kept = kept.slice(-MOST_KEPT);
    if (paused) {
      held += items.length;
      tellCount();
      return;
    }
    waiting.push(...items);
    if (planned) return;
    planned = true;
    requestAnimationFrame(flush);
  }

  function flush() {
    planned = false;
    const fresh = waiting.filter(wanted).slice(-MOST_ROWS);
    waiting = [];
    rows.append(...fresh.map((item) => row(item, zone())));
    while (rows.childElementCount > MOST_ROWS) rows.firstElementChild.remove();
    tellCount();
    if (stuck) toBottom();
  }

  function redraw() {
    rows.replaceChildren();
    held = 0;
    waiting = [...kept];
    stuck = true;
    flush();
  }

  /** What is said of the refused answer to an interaction, if the bot tried one. */
  function refusalOf(id) {
    const refused = ({ entry }) => entry.status >= 400 && entry.path?.includes(`/interactions/${id}/`);
    return kept.findLast(refused)?.said ?? null;
  }

  function toBottom() {
    scroller.scrollTop = scroller.scrollHeight;
  }

  function tellCount() {
    pause.textContent = paused ? `Resume${held > 0 ? ` (${held} new)` : ""}` : "Pause";
    more.hidden = rows.childElementCount < MOST_ROWS;
    const written = (number) => number.toLocaleString("en");
    count.textContent = `${written(rows.childElementCount)} of ${written(kept.length)}`;
  }

  const element = el(
    "div.traffic",
    el(
      "div.inspector-bar",
      { role: "group", "aria-label": "What is shown" },
      filter,
      rest.button,
      gateway.button,
      errors.button,
      count,
      pause,
      clear,
    ),
    more,
    scroller,
  );
  return {
    element,
    add,
    redraw,
    refusalOf,
    reset: () => clear.click(),
  };
}

function toggle(name, pressed) {
  const button = el("button.quiet.toggle", { "aria-pressed": String(pressed) }, name);
  const on = () => button.getAttribute("aria-pressed") === "true";
  button.addEventListener("click", () => button.setAttribute("aria-pressed", String(!on())));
  return { button, on };
}

function textOf(item) {
  const { said, entry } = item;
  item.text ??= [
    said.label,
    said.what,
    entry.route,
    said.state,
    said.hint,
    said.onPurpose,
    ...said.broken.flatMap(({ where, message }) => [where, message]),
  ]
    .join(" ")
    .toLowerCase();
  return item.text;
}

function row({ entry, said }, zone) {
  const summary = el(
    "summary",
    el(
      "time",
      { datetime: entry.at, title: entry.at },
      entry.at && clockTime(new Date(entry.at), zone, true),
    ),
    el("span", { class: `row-kind row-${entry.kind}` }, said.label),
    " ",
    el("span.row-what", said.what),
    " ",
    el("span", { class: `row-state tone-${said.tone}` }, said.state),
    said.onPurpose && el("span.row-purpose", said.onPurpose),
    said.hint && el("span.row-hint", said.hint),
    ...broken(said),
  );
  const details = el("details", summary);
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(inside(entry));
  });
  return el("li", details);
}

function broken({ broken: list, limit }) {
  if (list.length === 0) return [];
  return [
    el(
      "span.row-broken",
      el("b", limit ? "limit broken" : "refused"),
      aside(": "),
      ...list
        .slice(0, 5)
        .map(({ where, message }) =>
          el("span.row-broken-part", where && el("code", where), where ? " " : null, message),
        ),
      list.length > 5 && el("span", `and ${list.length - 5} more`),
    ),
  ];
}

function inside(entry) {
  const { seq, at, kind, method, event, route, path, status, request, response, data, files, ...others } =
    entry;
  const parts =
    kind === "rest"
      ? [
          ["Route", route],
          ["Path", path],
          ["Request", request],
          ["Files", files],
          ["Response", response],
        ]
      : [["Data", data]];
  if (Object.keys(others).length > 0) parts.push(["Besides", others]);
  return el("div.row-inside", ...parts.filter(([, value]) => isSomething(value)).map(part));
}

function isSomething(value) {
  if (value === null || value === undefined || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}

function part([name, value]) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  const shown = el("pre", { tabindex: "0", role: "group", "aria-label": name }, text.slice(0, LONG));
  const all =
    text.length > LONG &&
    el(
      "button.quiet",
      {
        onclick: (event) => {
          shown.textContent = text;
          event.currentTarget.remove();
          shown.focus();
        },
      },
      `Show all (${fileSize(text.length)})`,
    );
  return el("div", el("p.row-part", name), shown, all);
}
