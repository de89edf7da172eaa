// As much of a document as the page's modules need to be tested without a browser.

class FakeNode {
  constructor() {
    this.childNodes = [];
  }

  append(...children) {
    for (const child of children) {
      if (child instanceof FakeFragment) this.append(...child.childNodes);
      else this.childNodes.push(child instanceof FakeNode ? child : new FakeText(String(child)));
    }
  }

  get textContent() {
    return this.childNodes.map((child) => child.textContent).join("");
  }

  set textContent(text) {
    this.childNodes = [new FakeText(text)];
  }

  /** All elements below, in order. */
  get all() {
    return this.childNodes.flatMap((child) => (child instanceof FakeElement ? [child, ...child.all] : []));
  }

  find(test) {
    return this.all.find(test);
  }

  byTag(tag) {
    return this.all.filter((node) => node.tag === tag);
  }

  byClass(name) {
    return this.all.filter((node) => node.className.split(" ").includes(name));
  }

  querySelectorAll(selector) {
    if (selector !== "time[data-unix]") throw new Error(`the fake document knows no ${selector}`);
    return this.byTag("time").filter((node) => node.attributes["data-unix"] !== undefined);
  }
}

class FakeText extends FakeNode {
  constructor(text) {
    super();
    this.text = text;
  }

  get textContent() {
    return this.text;
  }
}

class FakeFragment extends FakeNode {}

class FakeElement extends FakeNode {
  constructor(tag) {
    super();
    this.tag = tag;
    this.attributes = {};
    this.className = "";
    this.listeners = {};
    this.vars = {};
    this.style = {
      setProperty: (name, value) => {
        this.vars[name] = value;
      },
    };
  }

  setAttribute(name, value) {
    this.attributes[name] = String(value);
  }

  getAttribute(name) {
    return this.attributes[name] ?? null;
  }

  hasAttribute(name) {
    return name in this.attributes;
  }

  removeAttribute(name) {
    delete this.attributes[name];
  }

  addEventListener(event, listener) {
    (this.listeners[event] ??= []).push(listener);
  }

  get value() {
    return this.chosen ?? this.attributes.value;
  }

  set value(value) {
    this.chosen = value;
  }

  get tagName() {
    return this.tag.toUpperCase();
  }

  get dataset() {
    return { unix: this.attributes["data-unix"] };
  }

  get lastElementChild() {
    return this.childNodes.filter((child) => child instanceof FakeElement).at(-1) ?? null;
  }

  /** Calls what listens for `event`, and waits for it. */
  fire(event, more = {}) {
    const given = { type: event, currentTarget: this, target: this, preventDefault() {}, ...more };
    return Promise.all((this.listeners[event] ?? []).map((listener) => listener(given)));
  }
}

export function install() {
  globalThis.location = new URL("http://127.0.0.1:8077/");
  globalThis.document = {
    createElement: (tag) => new FakeElement(tag),
    createTextNode: (text) => new FakeText(text),
    createDocumentFragment: () => new FakeFragment(),
  };
}

const NAMES = { user: { 1: "Ana", 2: "Ben" }, role: { 5: "Closers" }, channel: { 9: "wins" } };

/** A context as the page gives it, that notes what is asked of it. */
export function context(more = {}) {
  const calls = [];
  const note =
    (name) =>
    (...given) => {
      calls.push([name, ...given]);
    };
  const named = (kind) => (id) => NAMES[kind][id] ?? null;
  return {
    calls,
    me: "2",
    names: { user: named("user"), role: named("role"), channel: named("channel") },
    colors: { role: () => "#aa5500" },
    zone: "America/New_York",
    now: () => new Date("2026-04-10T18:00:00Z"),
    grouped: false,
    isNew: false,
    ...Object.fromEntries(
      ["onButton", "onSelect", "onReact", "onMenu", "onPerson", "onDismiss", "onJump"].map((name) => [
        name,
        note(name),
      ]),
    ),
    ...more,
  };
}
