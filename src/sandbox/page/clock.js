// The sandbox's clock: what time it is there, letting it run, and going to what is due next.

import { api } from "./api.js";
import { byId, el } from "./dom.js";
import { clockTime, shortDay, soon } from "./times.js";
import { world } from "./world.js";

const SPEEDS = [
  [1, "1×"],
  [60, "1 min/s"],
  [3600, "1 h/s"],
];
const DAY = 86_400;
const TICK = 250;

/** `tell(text)` tells a problem; `moved()` follows every steering. */
export function createClock({ tell, moved }) {
  const time = byId("clock-time");
  const day = byId("clock-day");
  const controls = byId("clock-controls");
  const dueToggle = byId("due-toggle");
  const duePanel = byId("due-panel");
  const state = { now: Date.now(), at: performance.now(), speed: 1, byHand: false, due: [], told: false };
  let busy = false;
  let drawn = "";

  const play = el("button.quiet.sign", { onclick: toggle });
  const speed = el(
    "select",
    { "aria-label": "Clock speed", onchange: changeSpeed },
    ...SPEEDS.map(([value, label]) => el("option", { value: String(value) }, label)),
  );
  const next = el("button.primary.next", { onclick: () => forward({ to: upcoming()[0].at }) });
  const jump = (label, seconds) => el("button.quiet", { onclick: () => forward({ seconds }) }, label);
  const steps = el("span.steps", jump("+1 day", DAY), jump("+1 week", 7 * DAY));
  const system = el("span.system", "System time");
  const takeOver = el(
    "button.primary",
    { onclick: () => steer({ now: iso(now()), speed: 0 }) },
    "Take over the clock",
  );
  controls.append(play, speed, next, steps, system, takeOver);

  dueToggle.addEventListener("click", () => showDue(duePanel.hidden));
  document.addEventListener("pointerdown", (event) => {
    if (!duePanel.hidden && !duePanel.contains(event.target) && !dueToggle.contains(event.target))
      showDue(false);
  });
  duePanel.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    showDue(false);
    dueToggle.focus();
  });
  setInterval(tick, TICK);

  const iso = (date) => date.toISOString();

  function now() {
    const gone = performance.now() - state.at;
    return new Date(state.now + gone * (state.byHand ? state.speed : 1));
  }

  const upcoming = () => state.due.filter((one) => Date.parse(one.at) > now().getTime());

  function update(summary) {
    set(summary.clock);
    state.due = [...(summary.agenda?.due ?? [])].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
    draw();
  }

  function set(clock) {
    Object.assign(state, {
      now: Date.parse(clock.now),
      at: performance.now(),
      byHand: clock.by_hand,
      speed: clock.speed ?? 0,
    });
  }

  function tick() {
    const at = now();
    const seconds = !state.byHand || (state.speed > 0 && state.speed < 60);
    write(time, clockTime(at, world.zone, seconds));
    write(day, shortDay(at, world.zone));
    const shape = shapeNow();
    if (shape !== drawn) draw();
  }

  function write(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  const shapeNow = () => JSON.stringify([world.zone, state.byHand, state.speed, busy, upcoming()]);

  function draw() {
    drawn = shapeNow();
    const running = state.speed > 0;
    const due = upcoming();
    for (const node of [play, speed, steps]) node.hidden = !state.byHand;
    for (const node of [system, takeOver]) node.hidden = state.byHand;
    play.textContent = running ? "❚❚" : "▶";
    play.setAttribute("aria-label", running ? "Pause the clock" : "Let the clock run");
    play.title = play.getAttribute("aria-label");
    if (running) speed.value = String(SPEEDS.find(([value]) => value >= state.speed)?.[0] ?? 3600);
    next.hidden = !state.byHand || due.length === 0;
    if (due.length > 0) next.replaceChildren(el("strong", "Next post"), el("span", ` ${named(due[0])}`));
    next.title = next.textContent;
    controls.classList.toggle("busy", busy);
    controls.setAttribute("aria-busy", String(busy));
    for (const node of controls.querySelectorAll("button, select")) node.disabled = busy;
    dueToggle.querySelector(".count").textContent = due.length > 0 ? String(due.length) : "";
    drawDue(due);
  }

  const named = (one) => `${soon(new Date(one.at), world.zone, now())} · ${one.what}`;

  function drawDue(due) {
    if (due.length === 0) {
      return duePanel.replaceChildren(el("p.soft", "Nothing is due: the bot has told nothing of its plans."));
    }
    const rows = due.map((one) =>
      el(
        "li",
        el(
          "button.due",
          { disabled: busy || !state.byHand, onclick: () => forward({ to: one.at }) },
          el("span.due-when", soon(new Date(one.at), world.zone, now())),
          " ",
          el("span.due-what", one.what),
          one.where && el("span.soft", ` ${one.where}`),
        ),
      ),
    );
    duePanel.replaceChildren(
      el("h2", "Due next"),
      el("p.soft", state.byHand ? "Choose one, and it happens now." : "Take over the clock to go there."),
      el("ul", ...rows),
    );
  }

  function showDue(open) {
    duePanel.hidden = !open;
    dueToggle.setAttribute("aria-expanded", String(open));
  }

  function toggle() {
    return steer({ speed: state.speed > 0 ? 0 : Number(speed.value) });
  }

  function changeSpeed() {
    if (state.speed > 0) steer({ speed: Number(speed.value) });
  }

  const steer = (body) => during(() => api.put("/sandbox/clock", body));

  function forward(body) {
    showDue(false);
    return during(() => api.post("/sandbox/clock/forward", body));
  }

  async function during(change) {
    if (busy) return;
    const focused = document.activeElement;
    busy = true;
    draw();
    try {
      set(await change());
    } catch (error) {
      tell(error.message);
    } finally {
      busy = false;
      draw();
    }
    // A disabled button loses the focus, which a keyboard then has to look for.
    if (focused?.isConnected && document.activeElement === document.body) focused.focus();
    moved();
  }

  return { update, now };
}
