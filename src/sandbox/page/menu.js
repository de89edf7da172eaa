// A menu at an element: arrows move, Enter chooses, Esc closes, focus goes back.

import { el } from "./dom.js";

let close = null;

/** `items`: { label, act } or "-" between groups. */
export function openMenu(anchor, label, items) {
  close?.();
  const menu = el("div", { class: "menu", role: "menu", "aria-label": label, tabindex: "-1" });
  menu.append(...items.map(entry));
  const entries = () => [...menu.querySelectorAll("[role=menuitem]")];

  function entry(item) {
    if (item === "-") return el("hr", { role: "separator" });
    return el(
      "button",
      { type: "button", role: "menuitem", tabindex: "-1", onclick: () => choose(item) },
      item.label,
    );
  }

  function choose(item) {
    shut();
    item.act();
  }

  function shut(refocus = true) {
    if (!menu.isConnected) return;
    document.removeEventListener("pointerdown", outside, true);
    removeEventListener("resize", shutQuietly);
    anchor.removeAttribute("aria-expanded");
    menu.remove();
    close = null;
    if (refocus && anchor.isConnected) anchor.focus();
  }

  const shutQuietly = () => shut(false);

  function outside(event) {
    if (!menu.contains(event.target)) shut(false);
  }

  menu.addEventListener("keydown", (event) => {
    const all = entries();
    const at = all.indexOf(document.activeElement);
    const to = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      return all[to].focus();
    }
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      return shut();
    }
    const letter =
      event.key.length === 1 &&
      all.find(
        (one, index) => index > at && one.textContent.toLowerCase().startsWith(event.key.toLowerCase()),
      );
    if (letter) letter.focus();
  });

  // In its landmark, so that a screen reader knows where it is.
  (anchor.closest("#main, #people, #channels") ?? document.body).append(menu);
  put(menu, anchor.getBoundingClientRect());
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  addEventListener("resize", shutQuietly);
  close = shut;
  entries()[0]?.focus();
}

function put(menu, at) {
  const { width, height } = menu.getBoundingClientRect();
  const gap = 4;
  const below = at.bottom + gap + height < innerHeight;
  const top = below ? at.bottom + gap : Math.max(gap, at.top - height - gap);
  const left = Math.min(Math.max(gap, at.right - width), innerWidth - width - gap);
  menu.style.setProperty("top", `${top}px`);
  menu.style.setProperty("left", `${left}px`);
}
