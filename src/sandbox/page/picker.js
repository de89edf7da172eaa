// A listbox steered from a text field: arrows move, Tab or Enter takes, Esc closes.

import { el } from "./dom.js";

export function createPicker(panel) {
  const list = panel.querySelector("[role=listbox]");
  const status = panel.querySelector("[role=status]");
  let field = null;
  let items = [];
  let active = -1;
  let onTake = null;

  function show(owner, choices, options) {
    if (field !== owner) hide();
    field = owner;
    items = choices;
    onTake = options.onTake;
    list.setAttribute("aria-label", options.label);
    list.replaceChildren(...items.map(row));
    list.hidden = items.length === 0;
    say(items.length === 0 ? (options.empty ?? "") : "");
    panel.hidden = items.length === 0 && !options.empty;
    expand(items.length > 0);
    mark(options.first && items.length > 0 ? 0 : -1);
  }

  function say(text) {
    status.textContent = text;
    status.hidden = text === "";
  }

  function expand(open) {
    if (field?.getAttribute("role") === "combobox") field.setAttribute("aria-expanded", String(open));
  }

  function row(item, index) {
    const option = el(
      "li",
      { role: "option", id: `pick-${index}`, "aria-selected": "false", class: "pick" },
      el("span.pick-name", item.label),
      item.detail && el("span.pick-detail", item.detail),
    );
    option.addEventListener("pointerdown", (event) => event.preventDefault());
    option.addEventListener("click", () => take(index));
    return option;
  }

  function mark(index) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const option = list.children[index];
    if (!option) return field?.removeAttribute("aria-activedescendant");
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    field.setAttribute("aria-activedescendant", option.id);
  }

  function take(index) {
    const item = items[index];
    const tell = onTake;
    hide();
    tell?.(item);
  }

  function hide() {
    expand(false);
    field?.removeAttribute("aria-activedescendant");
    panel.hidden = true;
    say("");
    list.replaceChildren();
    items = [];
    active = -1;
    onTake = null;
    field = null;
  }

  /** Whether the key was the list's. Tab takes but still moves on, unless `holdTab`. */
  function key(event, { holdTab = false } = {}) {
    if (panel.hidden || event.isComposing) return false;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move && items.length > 0) {
      event.preventDefault();
      const from = active < 0 && move < 0 ? 0 : active;
      mark((from + move + items.length) % items.length);
      return true;
    }
    if (event.key === "Escape") {
      event.preventDefault();
      hide();
      return true;
    }
    const takes = (event.key === "Enter" && !event.shiftKey) || (event.key === "Tab" && !event.shiftKey);
    if (!takes || active < 0) return false;
    if (event.key === "Enter" || holdTab) event.preventDefault();
    take(active);
    return true;
  }

  return { show, hide, key, isOpenFor: (owner) => field === owner && !panel.hidden };
}
