// A chosen command in the composer: its options as fields, one after another.

import { byId, el, signButton } from "./dom.js";
import { KIND, candidates, matching, read } from "./options.js";

const SUGGEST_AFTER = 150;

/** `deps`: picker, suggest(name, options, focused) -> choices, leave(text). */
export function createCommand(root, deps) {
  const { picker } = deps;
  let command = null;
  let fields = [];
  let asked = 0;
  let timer = 0;

  const title = el("strong.command-name");
  const about = el("span.command-about");
  const strip = el("div.fields");
  const hint = el("p.hint", { id: "command-hint" });
  const more = el("div.more", { role: "group", "aria-label": "Options to add" });
  const tail = el("input.tail", {
    "aria-label": "Type an option's name to add it, or press Enter to send",
    autocomplete: "off",
    "aria-describedby": "command-hint",
    spellcheck: "false",
  });
  root.append(el("div.command-head", title, about), strip, hint, more);
  const cancelButton = byId("cancel");
  cancelButton.addEventListener("click", cancel);
  tail.addEventListener("input", narrow);
  tail.addEventListener("keydown", tailKey);
  tail.addEventListener("focus", tellTail);
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    cancel();
  });

  function open(chosen, given = new Map()) {
    command = chosen;
    fields = [];
    title.textContent = `/${command.name}`;
    about.textContent = command.description;
    strip.replaceChildren(tail);
    tail.value = "";
    root.hidden = false;
    cancelButton.hidden = false;
    const wanted = [...command.options].sort(
      (a, b) => Number(Boolean(b.required)) - Number(Boolean(a.required)),
    );
    for (const option of wanted) {
      if (option.required || given.has(option.name)) add(option, given.get(option.name));
    }
    narrow();
    (fields.find(isEmpty)?.input ?? tail).focus();
  }

  function add(option, given) {
    const field = { option, taken: undefined };
    field.input = input(option);
    field.problem = el("span.problem", { id: `problem-${option.name}`, hidden: true });
    field.pill = el(
      "div.pill",
      el("label", { for: field.input.id }, option.name),
      field.input,
      field.problem,
    );
    if (!option.required) field.pill.append(removal(field));
    fields.push(field);
    strip.insertBefore(field.pill, tail);
    wire(field);
    fill(field, given);
    return field;
  }

  function removal(field) {
    return signButton("×", "Remove", () => remove(field), { tabindex: "-1" });
  }

  function fill(field, given) {
    if (given === undefined || given === null) return;
    if (typeof given === "object") {
      field.taken = given.taken;
      if (field.option.type === KIND.attachment) field.input.files = given.files;
      else field.input.value = given.typed;
    } else {
      field.input.value = given;
    }
    fit(field.input);
  }

  function input(option) {
    const common = { id: `option-${option.name}`, "aria-describedby": `problem-${option.name} command-hint` };
    if (option.required) common["aria-required"] = "true";
    if (option.type === KIND.attachment) return el("input", { ...common, type: "file" });
    const listed = option.autocomplete || candidates(option) !== null;
    const combobox = listed && {
      role: "combobox",
      "aria-expanded": "false",
      "aria-controls": "picker",
      "aria-autocomplete": "list",
    };
    const mode = { [KIND.integer]: "numeric", [KIND.number]: "decimal" }[option.type];
    return el("input", {
      ...common,
      ...combobox,
      type: "text",
      autocomplete: "off",
      spellcheck: "false",
      inputmode: mode,
    });
  }

  function wire(field) {
    const { input: box, option } = field;
    box.addEventListener("focus", () => {
      hint.textContent = option.description;
      suggest(field);
    });
    box.addEventListener("blur", () => {
      if (picker.isOpenFor(box)) picker.hide();
    });
    if (option.type === KIND.attachment) {
      box.addEventListener("change", () => attach(field));
    } else {
      box.addEventListener("input", () => {
        field.taken = undefined;
        if (goesOn(field)) return;
        complain(field, null);
        fit(box);
        suggest(field);
      });
    }
    box.addEventListener("keydown", (event) => fieldKey(event, field));
  }

  const fit = (box) =>
    box.type === "text" && box.style.setProperty("--chars", Math.min(48, Math.max(6, box.value.length + 1)));

  async function attach(field) {
    const file = field.input.files[0];
    field.taken = file && {
      filename: file.name,
      content_type: file.type || "application/octet-stream",
      base64: await base64(file),
    };
    complain(field, null);
  }

  function suggest(field) {
    const { option, input: box } = field;
    clearTimeout(timer);
    asked += 1;
    const items = candidates(option);
    const options = {
      label: `Suggestions for ${option.name}`,
      first: box.value !== "",
      onTake: (item) => takeFor(field, item),
    };
    if (items) {
      const shown = field.taken === undefined ? matching(items, box.value) : items;
      return picker.show(box, shown.slice(0, 50), { ...options, empty: "Nothing by that name" });
    }
    if (!option.autocomplete) return picker.hide();
    if (!picker.isOpenFor(box)) picker.show(box, [], { ...options, empty: "Loading…" });
    const mine = asked;
    timer = setTimeout(() => ask(field, mine, options), SUGGEST_AFTER);
  }

  async function ask(field, mine, options) {
    const typed = { ...collected(field), [field.option.name]: field.input.value };
    let items = [];
    let empty = "No suggestions";
    try {
      const choices = await deps.suggest(command.name, typed, field.option.name);
      items = (choices ?? []).map(({ name, value }) => ({ label: name, value }));
      if (!choices) empty = "The bot did not suggest anything in time";
    } catch (error) {
      empty = error.message;
    }
    if (mine !== asked || document.activeElement !== field.input) return;
    picker.show(field.input, items, { ...options, empty });
  }

  function takeFor(field, item) {
    field.input.value = item.label;
    field.taken = item.value;
    asked += 1;
    complain(field, null);
    fit(field.input);
    goOn(field);
  }

  /** To the next required field that is empty, else to where the command is sent or gets more options. */
  function goOn(field) {
    const at = fields.indexOf(field);
    const others = [...fields.slice(at + 1), ...fields.slice(0, at)];
    (others.find((one) => one.option.required && isEmpty(one))?.input ?? tail).focus();
  }

  const isEmpty = (field) => field.input.value === "" && field.taken === undefined;

  function fieldKey(event, field) {
    if (picker.key(event, { holdTab: true })) return;
    if (event.key === "Backspace" && field.input.value === "" && !field.option.required) {
      event.preventDefault();
      return remove(field);
    }
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    picker.hide();
    const { problem } = read(field.option, field.input.value, field.taken);
    if (problem) return complain(field, problem);
    const next = fields[fields.indexOf(field) + 1];
    if (next) return next.input.focus();
    root.closest("form").requestSubmit();
  }

  function tailKey(event) {
    if (event.isComposing) return;
    const typed = tail.value.trim().replace(/:$/, "");
    if (typed !== "" && (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey))) {
      event.preventDefault();
      const found = unused(typed)[0];
      if (found) return addAndGo(found);
      hint.textContent = `/${command.name} has no option “${typed}” left.`;
      return;
    }
    if (event.key === "Enter") {
      event.preventDefault();
      root.closest("form").requestSubmit();
    }
    if (event.key === "Backspace" && tail.value === "") {
      event.preventDefault();
      if (fields.length === 0) return leave();
      fields.at(-1).input.focus();
    }
  }

  const unused = (typed = "") =>
    command.options.filter(
      (option) =>
        option.name.startsWith(typed.toLowerCase()) && !fields.some((field) => field.option === option),
    );

  /** Who types "12k customer:" on goes to that option. */
  function goesOn({ input: box }) {
    const named = /\s([^\s:]+):$/u.exec(box.value);
    const option = named && unused().find((one) => one.name === named[1]);
    if (!option) return false;
    box.value = box.value.slice(0, named.index).trim();
    fit(box);
    addAndGo(option);
    return true;
  }

  function narrow() {
    const named = /^([^\s:]+):$/u.exec(tail.value.trim());
    const exact = named && unused().find((option) => option.name === named[1]);
    if (exact) return addAndGo(exact);
    more.replaceChildren(...unused(tail.value.trim()).map(chip));
    more.hidden = more.childElementCount === 0;
    tail.placeholder = unused().length > 0 ? "more options…" : "";
  }

  function chip(option) {
    const tell = () => {
      hint.textContent = option.description;
    };
    return el(
      "button.chip",
      { title: option.description, onfocus: tell, onpointerenter: tell, onclick: () => addAndGo(option) },
      `+ ${option.name}`,
    );
  }

  function addAndGo(option) {
    tail.value = "";
    const field = add(option);
    narrow();
    field.input.focus();
  }

  function remove(field) {
    picker.hide();
    const index = fields.indexOf(field);
    fields.splice(index, 1);
    field.pill.remove();
    narrow();
    (fields[Math.max(0, index - 1)]?.input ?? tail).focus();
  }

  function tellTail() {
    hint.textContent = unused().length > 0 ? "Enter sends. Options below can be added." : "Enter sends.";
  }

  function complain(field, problem) {
    field.problem.textContent = problem ?? "";
    field.problem.hidden = !problem;
    field.pill.classList.toggle("wrong", Boolean(problem));
    if (problem) field.input.setAttribute("aria-invalid", "true");
    else field.input.removeAttribute("aria-invalid");
  }

  /** Values that are in order already; what is half typed is left out. */
  function collected(except) {
    const ready = fields
      .filter((field) => field !== except)
      .map((field) => [field.option.name, read(field.option, field.input.value, field.taken).value])
      .filter(([, value]) => value !== undefined);
    return Object.fromEntries(ready);
  }

  /** `{ name, options, again() }`, or null when something is missing: then it is told at the field. */
  function finish() {
    const problems = fields.map((field) => {
      const { problem } = read(field.option, field.input.value, field.taken);
      complain(field, problem);
      return problem;
    });
    const wrong = problems.findIndex(Boolean);
    if (wrong >= 0) {
      fields[wrong].input.focus();
      picker.hide();
      return null;
    }
    const kept = new Map(
      fields.map((field) => [
        field.option.name,
        { typed: field.input.value, taken: field.taken, files: field.input.files },
      ]),
    );
    const chosen = command;
    return { name: chosen.name, options: collected(), again: () => open(chosen, kept) };
  }

  function close() {
    picker.hide();
    clearTimeout(timer);
    asked += 1;
    command = null;
    fields = [];
    root.hidden = true;
    cancelButton.hidden = true;
  }

  function cancel() {
    close();
    deps.leave("");
  }

  function leave() {
    const text = `/${command.name}`;
    close();
    deps.leave(text);
  }

  return { open, finish, close, isOpen: () => command !== null, name: () => command?.name };
}

function base64(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result.slice(reader.result.indexOf(",") + 1));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}
