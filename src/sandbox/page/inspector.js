// The inspector: the bot's traffic, faults to put in its way, and mishaps of its connection.

import { el } from "./dom.js";
import { createFaults } from "./faults.js";
import { createGateway } from "./mishaps.js";
import { createTraffic } from "./traffic.js";

const SOON = 400;

/** `add(entry)` takes a live entry of the log; `reload()` fetches what it missed and how things stand. */
export function createInspector(root, { api, zone }) {
  const status = el("p.inspector-status", { role: "status" });
  const tell = (text) => {
    status.textContent = text;
  };
  const traffic = createTraffic(zone);
  const faults = createFaults(api, tell);
  const gateway = createGateway(api, tell);
  /** Entries known, and up to where the log was fetched as a whole. */
  const known = new Set();
  let fetched = 0;
  let latest = 0;
  let loading = null;
  let early = [];
  let soon = 0;

  root.replaceChildren(
    ...tabs([
      ["Traffic", traffic.element],
      ["Faults", faults.element, faults.load],
      ["Gateway", gateway.element, standing],
    ]),
    status,
  );

  function add(entry) {
    if (loading) return early.push(entry);
    take([entry]);
    const mayUseUp = entry.kind === "rest" && faults.isAny();
    if (mayUseUp || entry.kind === "socket") refreshSoon();
  }

  function take(entries) {
    const fresh = entries.filter(({ seq }) => !known.has(seq));
    for (const { seq } of fresh) {
      known.add(seq);
      latest = Math.max(latest, seq);
    }
    if (fresh.length > 0) traffic.add(fresh);
  }

  function refreshSoon() {
    clearTimeout(soon);
    soon = setTimeout(() => Promise.all([faults.load(), standing()]), SOON);
  }

  async function standing() {
    try {
      const summary = await api.get("/sandbox");
      gateway.show(summary.connections);
      faults.showLimits(summary.limits);
      return summary;
    } catch (error) {
      tell(error.message);
      return null;
    }
  }

  function reload() {
    loading ??= fetchAll().finally(() => {
      loading = null;
      take(early.splice(0));
    });
    return loading;
  }

  async function fetchAll() {
    const [summary] = await Promise.all([standing(), faults.load()]);
    if (summary && summary.seq < latest) forget();
    try {
      const log = await api.get(`/sandbox/log?after=${fetched}`);
      take(log);
      fetched = Math.max(fetched, ...log.slice(-1).map(({ seq }) => seq));
    } catch (error) {
      tell(error.message);
    }
  }

  /** The sandbox was started anew: what it did before is another's. */
  function forget() {
    known.clear();
    fetched = 0;
    latest = 0;
    traffic.reset();
  }

  return { add, reload, redraw: traffic.redraw, refusalOf: traffic.refusalOf };
}

let made = 0;

/** Tabs as [name, panel, opened()?]; the arrow keys go from one to the next. */
function tabs(list) {
  made += 1;
  const buttons = list.map(([name], index) =>
    el(
      "button",
      { role: "tab", id: `tab-${made}-${index}`, "aria-controls": `panel-${made}-${index}` },
      name,
    ),
  );
  const panels = list.map(([, content], index) =>
    el(
      "div",
      {
        role: "tabpanel",
        id: `panel-${made}-${index}`,
        "aria-labelledby": `tab-${made}-${index}`,
        class: "inspector-panel",
      },
      content,
    ),
  );

  function choose(chosen, focus = false) {
    buttons.forEach((button, index) => {
      button.setAttribute("aria-selected", String(index === chosen));
      button.tabIndex = index === chosen ? 0 : -1;
      panels[index].hidden = index !== chosen;
    });
    if (focus) buttons[chosen].focus();
    list[chosen][2]?.();
  }

  const steps = { ArrowRight: 1, ArrowLeft: -1 };
  buttons.forEach((button, index) => {
    button.addEventListener("click", () => choose(index));
    button.addEventListener("keydown", ({ key }) => {
      if (steps[key]) choose((index + steps[key] + list.length) % list.length, true);
      if (key === "Home") choose(0, true);
      if (key === "End") choose(list.length - 1, true);
    });
  });
  choose(0);
  return [el("div.inspector-tabs", { role: "tablist", "aria-label": "Inspector" }, ...buttons), ...panels];
}
