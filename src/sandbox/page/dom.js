// Makes elements and remembers small preferences.

/** `el("p.soft", { id: "it" }, ...children)`; the properties may be left out. */
export function el(name, ...parts) {
  const [tag, ...classes] = name.split(".");
  const node = document.createElement(tag);
  if (tag === "button") node.setAttribute("type", "button");
  if (classes.length > 0) node.className = classes.join(" ");
  const props = parts[0]?.constructor === Object ? parts.shift() : {};
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.className = value;
    else if (typeof value === "function") node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...parts.filter((child) => child !== undefined && child !== null && child !== false));
  return node;
}

export const byId = (id) => document.getElementById(id);

/** A button that only shows a sign, with a name for those who can't see it. */
export function signButton(sign, name, onclick, more = {}) {
  return el("button.quiet.sign", { "aria-label": name, title: name, onclick, ...more }, sign);
}

export function debounced(wait, task) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => task(...values), wait);
  };
}

// Storage may be blocked; the page works without.
function stored(storage, key, value) {
  try {
    if (value === undefined) return JSON.parse(globalThis[storage].getItem(`sandbox.${key}`));
    globalThis[storage].setItem(`sandbox.${key}`, JSON.stringify(value));
  } catch {
    return null;
  }
  return value;
}

export const remember = (key, value) => stored("localStorage", key, value);
export const remembered = (key) => stored("localStorage", key);
/** As long as this tab is open. */
export const rememberHere = (key, value) => stored("sessionStorage", key, value);
export const rememberedHere = (key) => stored("sessionStorage", key);
