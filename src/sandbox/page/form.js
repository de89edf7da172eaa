// A bot's form (modal) as a dialog: fields, their checks, and what was typed kept when it is refused.

import { optionText, tickBoxes } from "./controls.js";
import { el, signButton } from "./dom.js";
import { renderMarkdown } from "./markdown.js";

const [SELECT, INPUT, ROW, TEXT, LABEL] = [3, 4, 1, 10, 18];
const LONGEST = 4000;
const NEAR_THE_LIMIT = 0.8;

/** `submit(values)` throws what is to be told in the form, which then stays. `ctx`: as for messages. */
export function openForm(modal, ctx, submit) {
  const before = document.activeElement;
  const parts = modal.components.map((one) => part(one, ctx)).filter(Boolean);
  const problem = el("p.problem", { role: "alert", hidden: true });
  const sendButton = el("button.primary", { type: "submit" }, "Submit");
  const form = el(
    "form",
    { novalidate: true },
    el(
      "header.dialog-head",
      el("h2", { id: "form-title" }, modal.title),
      signButton("×", "Close", () => dialog.close()),
    ),
    problem,
    ...parts.map((one) => one.node),
    el("footer.dialog-foot", el("button.quiet", { onclick: () => dialog.close() }, "Cancel"), sendButton),
  );
  const dialog = el("dialog.form", { "aria-labelledby": "form-title" }, form);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
  });
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (before?.isConnected) before.focus();
  });

  async function send() {
    if (sendButton.disabled) return;
    const wrong = parts.filter((one) => !one.check());
    if (wrong.length > 0) return wrong[0].focus();
    busy(true);
    try {
      await submit(Object.fromEntries(parts.flatMap((one) => one.value())));
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
      busy(false);
    }
  }

  function busy(on) {
    sendButton.disabled = on;
    sendButton.textContent = on ? "Sending…" : "Submit";
    if (on) problem.hidden = true;
  }

  document.body.append(dialog);
  dialog.showModal();
  parts.find((one) => one.focus)?.focus();
}

function part(component, ctx) {
  if (component.type === TEXT) {
    const text = renderMarkdown(component.content, { ...ctx, inLink: true });
    return { node: el("div.md.form-text", text), check: () => true, value: () => [] };
  }
  if (component.type === ROW) return input(component.components[0], component.components[0].label);
  if (component.type !== LABEL) return null;
  const make = component.component.type === SELECT ? select : input;
  return make(component.component, component.label, component.description);
}

function frame(control, label, description, required, ...more) {
  const id = `form-${control.id}`;
  const problem = el("span.problem", { id: `${id}-problem`, hidden: true });
  const about = description && el("span.form-about", { id: `${id}-about` }, description);
  control.setAttribute(
    "aria-describedby",
    [about && `${id}-about`, `${id}-problem`].filter(Boolean).join(" "),
  );
  const isGroup = control.tagName === "FIELDSET";
  if (isGroup) control.setAttribute("aria-labelledby", `${id}-label`);
  const caption = el(
    isGroup ? "span" : "label",
    { class: "form-label", id: `${id}-label`, for: isGroup ? null : control.id },
    label,
    required && el("span.needed", { "aria-hidden": "true" }, " *"),
  );
  if (required && !isGroup) control.setAttribute("aria-required", "true");
  const node = el("div.form-field", caption, about, control, problem, ...more);
  function complain(text) {
    problem.textContent = text ?? "";
    problem.hidden = !text;
    if (!isGroup) control.setAttribute("aria-invalid", String(Boolean(text)));
    return !text;
  }
  control.addEventListener("input", () => complain(null));
  return { node, complain, focus: () => (isGroup ? control.querySelector("input") : control).focus() };
}

function input(spec, label, description) {
  const required = spec.required ?? true;
  const most = spec.max_length ?? LONGEST;
  const least = spec.min_length ?? 0;
  const long = spec.style === 2;
  const control = el(long ? "textarea" : "input", {
    id: `input-${spec.custom_id}`,
    placeholder: spec.placeholder,
    rows: long && "4",
    type: !long && "text",
    autocomplete: "off",
  });
  control.value = spec.value ?? "";
  const counter = el("span.counter", { "aria-live": "polite" });
  const { node, complain, focus } = frame(control, label, description, required, counter);
  const length = () => [...control.value].length;
  function count() {
    counter.textContent = length() >= most * NEAR_THE_LIMIT ? `${length()} of ${most}` : "";
    counter.classList.toggle("over", length() > most);
  }
  control.addEventListener("input", count);
  count();

  function check() {
    if (length() === 0) return complain(required ? "Please fill this in." : null);
    if (length() < least) return complain(`At least ${least} characters, please; this is ${length()}.`);
    if (length() > most) return complain(`At most ${most} characters, please; this is ${length()}.`);
    return complain(null);
  }

  return { node, focus, check, value: () => [[spec.custom_id, control.value]] };
}

function select(spec, label, description) {
  const least = spec.min_values ?? 1;
  const most = spec.max_values ?? 1;
  const required = (spec.required ?? true) && least > 0;
  const choice = most > 1 ? tickBoxes(spec.options, least, most) : oneOf(spec);
  choice.element.id = `input-${spec.custom_id}`;
  const { node, complain, focus } = frame(choice.element, label, description, required);
  const values = () => [[spec.custom_id, choice.values()]];

  function check() {
    const isEmpty = choice.values().length === 0;
    if (isEmpty) return complain(required ? "Please choose." : null);
    return complain(choice.isEnough() ? null : `Choose at least ${least}.`);
  }

  return { node, focus, check, value: values };
}

function oneOf({ options, placeholder }) {
  const element = el(
    "select",
    el("option", { value: "" }, placeholder ?? "Choose…"),
    ...options.map((option) =>
      el("option", { value: option.value, selected: option.default }, optionText(option)),
    ),
  );
  return { element, values: () => [element.value].filter((value) => value !== ""), isEnough: () => true };
}
