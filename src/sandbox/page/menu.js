// What opens at an element: a menu, or a small box. Esc closes it, and focus goes back.

import { el } from "./dom.js";

let close = null;

/** Puts `box` at `anchor`; answers what shuts it. */
export function openBox(anchor, box) {
  close?.();

  function shut(refocus = true) {
    if (!box.isConnected) return;
    document.removeEventListener("pointerdown", outside, true);
    removeEventListener("resize", shutQuietly);
    anchor.removeAttribute("aria-expanded");
    box.remove();
    close = null;
    if (refocus && anchor.isConnected) anchor.focus();
  }

  const shutQuietly = () => shut(false);
  const outside = ({ target }) => box.contains(target) || shut(false);

  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    shut();
  });
  // In its landmark, so that a screen reader knows where it is.
  (anchor.closest("#main, #people, #channels") ?? document.body).append(box);
  put(box, anchor.getBoundingClientRect());
  anchor.setAttribute("aria-expanded", "true");
  document.addEventListener("pointerdown", outside, true);
  addEventListener("resize", shutQuietly);
  close = shut;
  box.querySelector("button")?.focus();
  return shut;
}

/** `items`: { label, act } or "-" between groups. Arrows move, Enter chooses. */
export function openMenu(anchor, label, items) {
  const entry = (item) => {
    if (item === "-") return el("hr", { role: "separator" });
    const choose = () => {
      shut();
      item.act();
    };
    return el("button", { role: "menuitem", tabindex: "-1", onclick: choose }, item.label);
  };
  const menu = el("div.menu", { role: "menu", "aria-label": label }, ...items.map(entry));
  const all = [...menu.querySelectorAll("[role=menuitem]")];

  menu.addEventListener("keydown", (event) => {
    const at = all.indexOf(document.activeElement);
    const to = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    }[event.key];
    if (to !== undefined || event.key === "Tab") event.preventDefault();
    if (event.key === "Tab") return shut();
    const letter = event.key.length === 1 ? event.key.toLowerCase() : "\n";
    const named = all.findIndex(
      (one, index) => index > at && one.textContent.toLowerCase().startsWith(letter),
    );
    all[to ?? named]?.focus();
  });
  const shut = openBox(anchor, menu);
}

function put(box, at) {
  const { width, height } = box.getBoundingClientRect();
  const gap = 4;
  const below = at.bottom + gap + height < innerHeight;
  const top = below ? at.bottom + gap : Math.max(gap, at.top - height - gap);
  const left = Math.min(Math.max(gap, at.right - width), innerWidth - width - gap);
  box.style.setProperty("top", `${top}px`);
  box.style.setProperty("left", `${left}px`);
}
