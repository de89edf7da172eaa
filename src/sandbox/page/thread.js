// The messages of the open channel: loading, arriving, staying at the bottom, older ones on the way up.

import { api } from "./api.js";
import { byId, el, rememberHere, rememberedHere } from "./dom.js";
import { refreshTimes, renderMessage } from "./message.js";
import { longDay } from "./times.js";
import { compareIds, me, world } from "./world.js";

const FIRST = 50;
const OLDER = 100;
/**
 * Messages are kept in blocks, and blocks on shelves, so that a browser has few things to look at when
 * thousands are loaded.
 */
const BLOCK = 100;
const SHELF = 8;
const NEAR = 600;
const AT_BOTTOM = 48;
const SETTLED_AFTER = 500;
const SAME_SPEECH = 7 * 60_000;

/** `context()` answers the ctx that messages are drawn with; `tell(text)` tells a problem. */
export function createThread({ context, tell }) {
  const log = byId("log");
  const list = byId("messages");
  const scroller = byId("scroller");
  const toBottom = byId("to-bottom");
  const start = el("p.start");
  const nodes = new Map();
  let dismissed = new Set();
  let messages = [];
  let complete = false;
  let older = null;
  /** What came while the channel was being loaded, which may not have it yet. */
  let arriving = null;
  let opened = 0;
  let stuck = true;
  let missed = 0;

  scroller.addEventListener("scroll", scrolled, { passive: true });
  toBottom.addEventListener("click", () => stick("smooth"));
  new ResizeObserver(() => stuck && jumpDown()).observe(list);
  new ResizeObserver(() => stuck && jumpDown()).observe(scroller);

  async function open(channel, title) {
    opened += 1;
    const mine = opened;
    arriving = [];
    recallDismissed();
    start.textContent = `This is where ${title} begins.`;
    stick();
    list.setAttribute("aria-busy", "true");
    try {
      const got = await load(channel);
      if (mine !== opened) return;
      messages = got.filter(isShown);
      complete = got.length < FIRST;
      quietly(draw);
    } catch (error) {
      if (mine !== opened) return;
      messages = [];
      complete = true;
      quietly(draw);
      tell(error.message);
    }
    const came = arriving;
    arriving = null;
    for (const change of came) change();
    list.removeAttribute("aria-busy");
    stick();
    loadOlderIfNear();
  }

  function load(channel, before) {
    const part = before ? `&limit=${OLDER}&before=${before}` : `&limit=${FIRST}`;
    return api.get(`/sandbox/channels/${channel}/messages?as=${me().id}${part}`);
  }

  const isShown = (message) => !dismissed.has(message.id);

  function dismiss(id) {
    dismissed.add(id);
    rememberHere("dismissed", { seq: world.summary.seq, ids: [...dismissed] });
    remove(id);
  }

  /** What was dismissed stays so when the page is loaded again, but not in a sandbox started anew. */
  function recallDismissed() {
    const kept = rememberedHere("dismissed");
    dismissed = new Set(kept && kept.seq <= world.summary.seq ? kept.ids : []);
  }

  /** History is not news: it is not read out. */
  function quietly(change) {
    log.setAttribute("aria-live", "off");
    change();
    setTimeout(() => log.setAttribute("aria-live", "polite"), 100);
  }

  function draw() {
    nodes.clear();
    const blocks = [];
    for (let at = 0; at < messages.length; at += BLOCK) {
      blocks.push(
        block(
          messages
            .slice(at, at + BLOCK)
            .flatMap((message, index) => nodesFor(message, messages[at + index - 1])),
        ),
      );
    }
    list.replaceChildren(...(complete ? [start] : []));
    for (const one of blocks) addBlock(one);
  }

  const block = (content) => settling(el("ol.block", ...content));

  /** Its size has to be known before it may be skipped. */
  function settling(made) {
    setTimeout(() => made.classList.add("settled"), SETTLED_AFTER);
    return made;
  }

  function addBlock(made, first = false) {
    const shelves = list.querySelectorAll(".shelf");
    const shelf = shelves[first ? 0 : shelves.length - 1];
    const where = shelf && shelf.childElementCount < SHELF ? shelf : list;
    const node = where === list ? settling(el("div.shelf", made)) : made;
    if (first) where.prepend(node);
    else where.append(node);
  }

  function nodesFor(message, before, isNew = false) {
    const node = renderMessage(message, { ...context(), grouped: isGrouped(message, before), isNew });
    nodes.set(message.id, node);
    return startsDay(message, before) ? [separator(message), node] : [node];
  }

  const dayOf = (message) => longDay(new Date(message.timestamp), world.zone);
  const startsDay = (message, before) => !before || dayOf(before) !== dayOf(message);
  const separator = (message) => el("li.day", el("span", dayOf(message)));

  function isGrouped(message, before) {
    if (!before || startsDay(message, before) || before.author.id !== message.author.id) return false;
    if (message.interaction_metadata || message.interaction || message.message_reference) return false;
    const hidden = (one) => (one.flags ?? 0) & 64;
    return (
      hidden(message) === hidden(before) &&
      Date.parse(message.timestamp) - Date.parse(before.timestamp) < SAME_SPEECH
    );
  }

  const nodeOf = (id) => nodes.get(id) ?? null;

  function upsert(message) {
    if (arriving) return arriving.push(() => upsert(message));
    if (!isShown(message)) return;
    const index = messages.findIndex((one) => one.id === message.id);
    if (index >= 0) return replace(index, message);
    const oldest = messages[0];
    if (oldest && !complete && compareIds(message.id, oldest.id) < 0) return;
    let at = messages.length;
    while (at > 0 && compareIds(messages[at - 1].id, message.id) > 0) at -= 1;
    messages.splice(at, 0, message);
    insert(at);
    if (stuck || isMine(message)) return stick();
    missed += 1;
    showMissed();
  }

  /** What I wrote, or asked the bot for. */
  const isMine = ({ author, interaction_metadata: from }) =>
    author.id === me().id || (from?.type === 2 && from.user?.id === me().id);

  function insert(at) {
    const fresh = nodesFor(messages[at], messages[at - 1], true);
    const next = messages[at + 1];
    if (!next) return append(fresh);
    leadOf(next).before(...fresh);
    redraw(at + 1);
  }

  function append(fresh) {
    const last = list.lastElementChild?.lastElementChild;
    if (last && last.childElementCount < BLOCK) return last.append(...fresh);
    addBlock(block(fresh));
  }

  /** The first node of a message: its day's line where it has one. */
  function leadOf(message) {
    const node = nodeOf(message.id);
    return node?.previousElementSibling?.classList.contains("day") ? node.previousElementSibling : node;
  }

  function redraw(index) {
    const message = messages[index];
    const node = message && nodeOf(message.id);
    if (!node) return;
    const focused = focusPath(node);
    if (node.previousElementSibling?.classList.contains("day")) node.previousElementSibling.remove();
    const fresh = nodesFor(message, messages[index - 1]);
    node.replaceWith(...fresh);
    focused?.(fresh.at(-1));
  }

  /** An edit must not take the focus from a button that stays. */
  function focusPath(node) {
    if (!node.contains(document.activeElement)) return null;
    const all = (root) => [...root.querySelectorAll("button, select, a, input")];
    const at = all(node).indexOf(document.activeElement);
    return (fresh) => all(fresh)[at]?.focus({ preventScroll: true });
  }

  function replace(index, message) {
    messages[index] = message;
    redraw(index);
  }

  function remove(id) {
    if (arriving) return arriving.push(() => remove(id));
    const index = messages.findIndex((one) => one.id === id);
    if (index < 0) return;
    const node = nodeOf(id);
    if (node?.previousElementSibling?.classList.contains("day")) node.previousElementSibling.remove();
    node?.remove();
    nodes.delete(id);
    messages.splice(index, 1);
    redraw(index);
  }

  function scrolled() {
    const wasStuck = stuck;
    stuck = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_BOTTOM;
    if (stuck) missed = 0;
    if (stuck !== wasStuck) showMissed();
    loadOlderIfNear();
  }

  function loadOlderIfNear() {
    if (!complete && messages.length > 0 && scroller.scrollTop < NEAR) loadOlder();
  }

  function loadOlder() {
    older ??= fetchOlder().finally(() => {
      older = null;
      requestAnimationFrame(loadOlderIfNear);
    });
    return older;
  }

  async function fetchOlder() {
    const mine = opened;
    try {
      const got = await load(world.channel, messages[0].id);
      if (mine === opened) quietly(() => prepend(got));
    } catch (error) {
      tell(error.message);
      if (mine === opened) complete = true;
    }
  }

  function prepend(page) {
    const got = page.filter(isShown);
    const kept = firstInSight();
    const before = topOf(kept);
    messages = [...got, ...messages];
    complete = page.length < OLDER;
    const fresh = got.flatMap((message, index) => nodesFor(message, got[index - 1]));
    addBlock(block(fresh), true);
    if (complete) list.prepend(start);
    redraw(got.length);
    scroller.scrollTop += topOf(kept) - before;
  }

  const topOf = (id) => nodeOf(id)?.getBoundingClientRect().top ?? 0;

  function firstInSight() {
    const top = scroller.getBoundingClientRect().top;
    return messages.find(({ id }) => nodeOf(id)?.getBoundingClientRect().bottom > top)?.id ?? messages[0].id;
  }

  function jumpDown() {
    scroller.scrollTop = scroller.scrollHeight;
  }

  function stick(behavior = "auto") {
    stuck = true;
    missed = 0;
    showMissed();
    scroller.scrollTo({ top: scroller.scrollHeight, behavior });
  }

  function showMissed() {
    toBottom.hidden = stuck;
    toBottom.textContent =
      missed > 0 ? `${missed} new ${missed === 1 ? "message" : "messages"} ↓` : "To the latest ↓";
    toBottom.classList.toggle("news", missed > 0);
  }

  /** Goes to a message, loading what lies between; answers whether it is there. */
  async function reveal(id) {
    const mine = opened;
    while (!nodeOf(id) && mine === opened && !complete && compareIds(id, messages[0]?.id ?? "") < 0) {
      stuck = false;
      await loadOlder();
    }
    const node = nodeOf(id);
    if (!node) return mine !== opened;
    stuck = false;
    node.scrollIntoView({ block: "center" });
    node.classList.add("revealed");
    setTimeout(() => node.classList.remove("revealed"), 2000);
    return true;
  }

  function clear() {
    opened += 1;
    arriving = null;
    messages = [];
    nodes.clear();
    list.replaceChildren();
  }

  return {
    open,
    upsert,
    remove,
    dismiss,
    clear,
    reveal,
    messageOf: (id) => messages.find((one) => one.id === id),
    redraw: () => quietly(draw),
    tick: () => refreshTimes(list, context()),
  };
}
