// Buttons and selects under a message.

import { el } from "./dom.js";
import { note } from "./media.js";
import { aside, outerLink, webAddress, whileBusy } from "./safe.js";

const ROW = 1;
const BUTTON = 2;
const STRINGS = 3;
const LINK = 5;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };
const LISTED = { 5: "people", 6: "roles", 7: "people and roles", 8: "channels" };

export function renderControls(message, ctx) {
  const rows = message.components ?? [];
  if (rows.length === 0) return null;
  return el("div.controls", ...rows.map((row) => renderRow(message, row, ctx)));
}

function renderRow(message, row, ctx) {
  if (row.type !== ROW) return note(`A component of type ${row.type} is not shown here.`);
  return el("div.control-row", ...(row.components ?? []).map((it) => renderOne(message, it, ctx)));
}

function renderOne(message, component, ctx) {
  if (component.type === BUTTON) return renderButton(message, component, ctx);
  if (component.type !== STRINGS && !LISTED[component.type]) {
    return note(`A component of type ${component.type} is not shown here.`);
  }
  const options = component.type === STRINGS ? component.options : ctx.options?.(component.type, component);
  if (!options) return note(`A choice of ${LISTED[component.type]} is not shown here.`);
  const choice = {
    component,
    options,
    min: component.min_values ?? 1,
    max: Math.min(component.max_values ?? 1, options.length),
    name: component.placeholder || "Make a choice",
    send: (control, values) => whileBusy(control, async () => ctx.onSelect(message, component, values)),
  };
  return choice.max > 1 ? many(choice) : one(choice);
}

const emojiText = (emoji) => (emoji.id ? `:${emoji.name}:` : emoji.name);

function renderButton(message, component, ctx) {
  const face = [
    component.emoji && el("span.control-emoji", emojiText(component.emoji)),
    component.label && el("span", component.label),
  ];
  if (component.style === LINK) return linkButton(component, face);
  const button = el(
    "button",
    {
      class: `control control-${STYLES[component.style] ?? "secondary"}`,
      disabled: Boolean(component.disabled),
      "data-component": component.custom_id,
    },
    ...face,
  );
  button.addEventListener("click", () => whileBusy(button, async () => ctx.onButton(message, component)));
  return button;
}

function linkButton(component, face) {
  const href = webAddress(component.url);
  if (!href || component.disabled) {
    return el("button.control.control-secondary", { disabled: true }, ...face);
  }
  const link = outerLink(
    href,
    ...face,
    el("span", { "aria-hidden": "true" }, "↗"),
    aside(" (opens in a new tab)"),
  );
  link.className = "control control-secondary";
  return link;
}

export const optionText = (option) => {
  const emoji = option.emoji ? `${emojiText(option.emoji)} ` : "";
  return `${emoji}${option.label}${option.description ? ` · ${option.description}` : ""}`;
};

function one({ component, options, min, name, send }) {
  const chosen = options.some((option) => option.default);
  const select = el(
    "select.control-select",
    { "aria-label": name, disabled: Boolean(component.disabled), "data-component": component.custom_id },
    el("option", { value: "", disabled: min > 0, selected: !chosen }, name),
    ...options.map((option) =>
      el("option", { value: option.value, selected: option.default === true }, optionText(option)),
    ),
  );
  // An arrow key in a closed select would choose, and send, at once: it opens the list instead.
  select.addEventListener("keydown", (event) => {
    if (event.altKey || !select.showPicker || !["ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    select.showPicker();
  });
  select.addEventListener("change", () => send(select, select.value === "" ? [] : [select.value]));
  return select;
}

function asks(min, max) {
  if (min === max) return `Choose ${max}`;
  return min === 0 ? `Choose up to ${max}` : `Choose ${min} to ${max}`;
}

/** A choice of several as boxes to tick: `{ element, values(), isEnough() }`. */
export function tickBoxes(options, min, max) {
  const boxes = options.map((option) =>
    el("input", { type: "checkbox", value: option.value, checked: option.default === true }),
  );
  const ticked = () => boxes.filter((box) => box.checked);
  const limit = () => {
    const isFull = ticked().length >= max;
    for (const box of boxes) box.disabled = !box.checked && isFull;
  };
  const labels = options.map((option, index) => el("label", boxes[index], el("span", optionText(option))));
  const element = el("fieldset.ticks", el("legend", asks(min, max)), ...labels);
  element.addEventListener("change", limit);
  limit();
  return { element, values: () => ticked().map((box) => box.value), isEnough: () => ticked().length >= min };
}

function many({ component, options, min, max, name, send }) {
  if (component.disabled) {
    return el("button.control-select", { disabled: true }, name);
  }
  const ticks = tickBoxes(options, min, max);
  const apply = el("button.control.control-primary", "Apply");
  const summary = el("summary.control-select", { "data-component": component.custom_id }, name);
  const opened = el("details.control-many", summary, ticks.element, apply);
  const check = () => {
    apply.disabled = !ticks.isEnough();
  };
  opened.addEventListener("change", check);
  opened.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !opened.open) return;
    event.stopPropagation();
    opened.open = false;
    summary.focus();
  });
  apply.addEventListener("click", async () => {
    await send(apply, ticks.values());
    opened.open = false;
  });
  check();
  return opened;
}
