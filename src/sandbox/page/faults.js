// The inspector's faults: what can be put in the way of the bot's calls; and Discord's limits.

import { el } from "./dom.js";
import { whileBusy } from "./safe.js";

const FOREVER = 4_000_000_000;
/** Above this, a count is "until switched off". */
const MANY = 1_000_000;

const KINDS = [
  ["429", "429 Too Many Requests", "The bot is told to wait. Nothing is done."],
  ["500", "500 Internal Server Error", "Discord stumbles. Nothing is done."],
  ["502", "502 Bad Gateway", "Discord's front can't reach what is behind it. Nothing is done."],
  ["drop_before", "Answer lost before the effect", "The connection closes, and nothing was done."],
  ["drop_after", "Answer lost after the effect", "It was done, but the bot never hears of it."],
  ["delay", "Slow link", "The answer comes late."],
  ["between", "Proxy answers", "Something between the bot and Discord answers, without one of Discord's codes."],
];

const STATUSES = [403, 302, 400, 401, 404, 405, 408, 413, 429, 503, 200].map((it) => [String(it), String(it)]);
const BODIES = [
  ["html", "a web page"],
  ["json", "JSON without a code"],
  ["code_zero", "JSON with code 0"],
  ["empty", "nothing"],
];

const ROUTES = [
  ["", "every call"],
  ["POST /channels/{id}/messages", "sending a message"],
  ["PATCH /channels/{id}/messages/{id}", "editing a message"],
  ["POST /interactions/{id}/{token}/callback", "answering a command or button"],
  ["PATCH /webhooks/{id}/{token}/messages/@original", "filling in a “thinking…” answer"],
  ["POST /webhooks/{id}/{token}", "a further answer"],
  ["PUT /applications/", "registering commands"],
  ["GET /", "reading"],
];
const OTHER = "other";

const TIMES = [
  ["1", "once"],
  ["5", "5 times"],
  [String(FOREVER), "until switched off"],
];

export function createFaults(api, tell) {
  const switches = KINDS.map((kind) => createSwitch(kind, api, () => attempt(load)));
  const limits = limitsSwitch(api, attempt);
  const allOff = el("button.quiet", { onclick: () => attempt(clear) }, "Switch all off");
  let isAny = false;

  async function attempt(work) {
    try {
      await work();
    } catch (error) {
      tell(error.message);
    }
  }

  async function load() {
    show(await api.get("/sandbox/faults"));
  }

  function show(list) {
    isAny = list.length > 0;
    allOff.disabled = !isAny;
    for (const one of switches) one.show(list.filter(({ kind }) => kind === one.kind));
  }

  async function clear() {
    await api.del("/sandbox/faults");
    await load();
  }

  for (const one of switches) one.attempt = attempt;
  const element = el(
    "div.faults",
    el("section.fault-limits", { "aria-label": "Rate limits" }, limits.element),
    el("section", { "aria-label": "Faults" }, ...switches.map((one) => one.element), allOff),
  );
  return { element, load: () => attempt(load), isAny: () => isAny, showLimits: limits.show };
}

/** A row of two states; pressing it calls `change(on)`. */
function flip(name, change) {
  const button = el("button.switch", { role: "switch", "aria-checked": "false" }, name);
  const isOn = () => button.getAttribute("aria-checked") === "true";
  button.addEventListener("click", () => whileBusy(button, () => change(!isOn())));
  return { button, set: (on) => button.setAttribute("aria-checked", String(on)) };
}

function limitsSwitch(api, attempt) {
  const told = el("p.soft");
  const show = (mode) => {
    control.set(mode === "discord");
    told.textContent =
      mode === "discord"
        ? "The bot may call as often as with Discord, and no more."
        : "Lifted: the bot may call as often as it likes.";
  };
  const control = flip("Discord's rate limits", (on) =>
    attempt(async () => {
      show((await api.put("/sandbox/limits", { mode: on ? "discord" : "lifted" })).mode);
    }),
  );
  return { element: el("div", control.button, told), show };
}

function createSwitch([kind, name, meaning], api, changed) {
  const form = settings(kind, name);
  const left = el("p.fault-left", { role: "status" });
  let ids = [];
  const self = { kind, show, attempt: null };
  const control = flip(name, (on) =>
    self.attempt(async () => {
      if (on) await api.post("/sandbox/faults", { kind, ...form.read() });
      else for (const id of ids) await api.del(`/sandbox/faults/${id}`);
      await changed();
    }),
  );

  function show(list) {
    ids = list.map(({ id }) => id);
    control.set(list.length > 0);
    form.element.disabled = list.length > 0;
    left.textContent = list.map(remaining).join("; ");
  }

  self.element = el(
    "div.fault",
    el("div.fault-head", control.button, el("p.soft", meaning), left),
    form.element,
  );
  return self;
}

function remaining({ route, times }) {
  const known = ROUTES.find(([value]) => value === route)?.[1] ?? route;
  return `${known}: ${times > MANY ? "until switched off" : `${times} left`}`;
}

function settings(kind, name) {
  const route = choice("Where", [...ROUTES, [OTHER, "another route…"]]);
  const own = el("input", {
    type: "text",
    placeholder: "DELETE /channels/{id}",
    "aria-label": "Part of METHOD /route",
    hidden: true,
  });
  const times = choice("How often", TIMES);
  const scope =
    kind === "429" &&
    choice("Scope", [
      ["user", "this bot (user)"],
      ["shared", "shared"],
      ["global", "global"],
    ]);
  const wait = kind === "429" && number("Wait, seconds", "2", "0.1");
  const delay = kind === "delay" && number("Delay, ms", "1500", "100");
  const status = kind === "between" && choice("Status", STATUSES);
  const body = kind === "between" && choice("Body", BODIES);
  const done =
    kind === "between" &&
    choice("Effect", [
      ["", "nothing is done"],
      ["done", "it is done"],
    ]);
  route.control.addEventListener("change", () => {
    own.hidden = route.control.value !== OTHER;
  });

  function read() {
    const given = {
      route: route.control.value === OTHER ? own.value.trim() : route.control.value,
      times: Number(times.control.value),
    };
    if (delay) given.delay_ms = Math.round(Number(delay.control.value));
    if (status) {
      given.status = Number(status.control.value);
      given.body = body.control.value;
      given.done = done.control.value === "done";
    }
    if (!scope) return given;
    const chosen = scope.control.value;
    return { ...given, retry_after: Number(wait.control.value), global: chosen === "global", scope: chosen };
  }

  const parts = [
    route.element,
    own,
    times.element,
    scope && scope.element,
    wait && wait.element,
    delay && delay.element,
    status && status.element,
    body && body.element,
    done && done.element,
  ];
  return {
    element: el("fieldset.fault-settings", el("legend.unseen", `Settings: ${name}`), ...parts),
    read,
  };
}

function choice(label, options) {
  const control = el("select", ...options.map(([value, text]) => el("option", { value }, text)));
  return { control, element: el("label", el("span", label), control) };
}

function number(label, value, step) {
  const control = el("input", { type: "number", min: "0", step, value });
  return { control, element: el("label", el("span", label), control) };
}
