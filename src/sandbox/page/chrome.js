// The page's own fittings: theme, time zone, drawers on a narrow screen, the inspector's panel.

import { byId, el, remember, remembered } from "./dom.js";
import { browserZone, isZone, zones } from "./times.js";

const NARROW = "(max-width: 820px)";

export function theme() {
  const button = byId("theme-toggle");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const current = () => document.documentElement.dataset.theme ?? (dark.matches ? "dark" : "light");

  function draw() {
    const other = current() === "dark" ? "light" : "dark";
    button.textContent = other === "dark" ? "☾" : "☀";
    button.setAttribute("aria-label", `Use the ${other} theme`);
    button.title = `Use the ${other} theme`;
  }

  const kept = remembered("theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = current() === "dark" ? "light" : "dark";
    remember("theme", current());
    draw();
  });
  dark.addEventListener("change", draw);
  draw();
}

/** The zone to show: the one chosen before, else the bot's, else the browser's. */
export function fillZones(botZone, onChange) {
  const select = byId("zone-select");
  const kept = remembered("zone");
  const usual = isZone(botZone) ? botZone : browserZone();
  const chosen = isZone(kept) ? kept : usual;
  select.onchange = () => {
    remember("zone", select.value);
    onChange(select.value);
  };
  if (select.dataset.usual === usual) return select.value;
  select.dataset.usual = usual;
  const near = [...new Set([usual, browserZone(), "UTC", chosen])];
  const option = (name) => el("option", { value: name }, name.replaceAll("_", " "));
  select.replaceChildren(
    el("optgroup", { label: "Here" }, ...near.map(option)),
    el(
      "optgroup",
      { label: "All" },
      ...zones()
        .filter((name) => !near.includes(name))
        .map(option),
    ),
  );
  select.value = chosen;
  return chosen;
}

export function inspectorPanel(onOpen) {
  const button = byId("inspector-toggle");
  const panel = byId("inspector");
  button.addEventListener("click", () => {
    panel.hidden = !panel.hidden;
    button.setAttribute("aria-expanded", String(!panel.hidden));
    if (!panel.hidden) onOpen();
  });
}

/** On a narrow screen the panes are drawers, one open at a time. */
export function drawers() {
  const buttons = [...document.querySelectorAll("#drawers button")];
  const narrow = matchMedia(NARROW);
  const paneOf = (button) => byId(button.getAttribute("aria-controls"));

  function show(open) {
    for (const button of buttons) {
      button.setAttribute("aria-expanded", String(button === open));
      paneOf(button).classList.toggle("open", button === open);
    }
  }

  for (const button of buttons) {
    button.addEventListener("click", () =>
      show(button.getAttribute("aria-expanded") === "true" ? null : button),
    );
  }
  document.addEventListener("keydown", (event) => {
    const open = buttons.find((button) => button.getAttribute("aria-expanded") === "true");
    if (
      event.key !== "Escape" ||
      event.defaultPrevented ||
      !open ||
      !paneOf(open).contains(document.activeElement)
    )
      return;
    show(null);
    open.focus();
  });
  narrow.addEventListener("change", () => show(null));
  byId("main").addEventListener("pointerdown", () => show(null));
  return { close: () => show(null) };
}
