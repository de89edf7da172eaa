// Starts the page and wires its parts together.

import { acts, clearNotices, tell, useLooks } from "./acts.js";
import { api } from "./api.js";
import { drawers, fillZones, inspectorPanel, theme } from "./chrome.js";
import { createClock } from "./clock.js";
import { createComposer } from "./composer.js";
import { byId, debounced, el, remember, remembered } from "./dom.js";
import { createInspector } from "./inspector.js";
import { follow } from "./live.js";
import { createMenus } from "./menus.js";
import { selectable } from "./options.js";
import { drawEmpty } from "./setup.js";
import { drawChannels, drawPeople } from "./sides.js";
import { createThread } from "./thread.js";
import {
  bot,
  channelNamed,
  channelOf,
  colors,
  direct,
  firstChannel,
  guilds,
  isDirect,
  isMentioned,
  isVisible,
  me,
  names,
  world,
} from "./world.js";

const TIMES_EVERY = 15_000;
const AGAIN_AFTER = 2000;

const clock = createClock({ tell, moved: () => refreshSoon() });
const inspector = createInspector(byId("inspector"), { api, zone: () => world.zone });
const thread = createThread({ context, tell });
const composer = createComposer(byId("composer"), {
  commands,
  tell,
  run: acts.command,
  send: acts.message,
  suggest: acts.suggest,
});
const menus = createMenus({ composer, context, become });
const panes = drawers();
const usable = { place: "", list: [], promise: null };

function context() {
  return {
    me: me()?.id,
    names,
    colors,
    zone: world.zone,
    now: clock.now,
    commands: usable.list,
    options: selectable,
    messageOf: thread.messageOf,
    refusalOf: inspector.refusalOf,
    onButton: acts.button,
    onSelect: acts.select,
    onReact: acts.react,
    onMenu: menus.message,
    onPerson: menus.person,
    onDismiss: (message) => thread.dismiss(message.id),
    onJump: jump,
  };
}

/** The commands for this person in this channel, fetched once until something changes. */
function commands() {
  const place = `${world.channel} ${me()?.id}`;
  if (usable.place === place && usable.promise) return usable.promise;
  usable.place = place;
  usable.promise = api.get(`/sandbox/channels/${world.channel}/commands?as=${me().id}`).catch((error) => {
    usable.promise = null;
    tell(error.message);
    return [];
  });
  usable.promise.then((list) => {
    if (usable.place === place) usable.list = list;
  });
  return usable.promise;
}

async function fetchView(as) {
  try {
    return await api.get(`/sandbox/view${as ? `?as=${as}` : ""}`);
  } catch (error) {
    // The person remembered is of another sandbox.
    if (as && error.status >= 400) return api.get("/sandbox/view");
    throw error;
  }
}

const whoIsHere = () => JSON.stringify(guilds().map(({ members, roles }) => [members, roles]));

async function refresh() {
  const as = me()?.id;
  const [summary, view] = await Promise.all([api.get("/sandbox"), fetchView(as)]);
  // Someone else was chosen meanwhile: what was fetched is not theirs.
  if (as && me()?.id !== as) return refreshSoon();
  const before = whoIsHere();
  Object.assign(world, { summary, view });
  // Messages name people and roles, and offer them.
  if (whoIsHere() !== before) thread.redraw();
  usable.promise = null;
  draw();
  if (!isVisible(world.channel)) await openChannel(firstChannel());
  else commands();
}

const refreshSoon = debounced(120, () => refresh().catch((error) => tell(error.message)));

function draw() {
  clock.update(world.summary);
  useZone(fillZones(world.summary.agenda?.zone, useZone));
  drawPersons();
  drawChannels(choose);
  drawPeople(menus.person);
  drawHead();
  const isEmpty = guilds().length === 0;
  byId("empty").hidden = !isEmpty;
  for (const id of ["conversation", "channel-head", "channels", "people", "person", "drawers"])
    byId(id).hidden = isEmpty;
  document.body.classList.toggle("nothing", isEmpty);
  if (isEmpty) drawEmpty(refresh);
}

function useZone(zone) {
  if (world.zone === zone) return;
  world.zone = zone;
  thread.redraw();
  inspector.redraw();
}

function drawPersons() {
  const select = byId("person-select");
  const people = world.view.people;
  const shape = JSON.stringify([people, me()?.id]);
  if (select.dataset.shape === shape) return;
  select.dataset.shape = shape;
  select.replaceChildren(
    ...people.map((person) =>
      el("option", { value: person.id, selected: person.id === me()?.id }, labelOf(person, people)),
    ),
  );
  select.disabled = people.length === 0;
}

/** People of one name are told apart by the end of their ids. */
function labelOf({ id, name, manages }, people) {
  const isOnly = people.filter((one) => one.name === name).length === 1;
  return `${name}${manages ? " (manager)" : ""}${isOnly ? "" : ` …${id.slice(-4)}`}`;
}

function drawHead() {
  const channel = channelOf(world.channel);
  const name = titleOf(world.channel);
  byId("channel-name").textContent = name;
  byId("channel-topic").textContent =
    channel?.topic ?? (isDirect() ? `Between ${me().name} and the bot` : "");
  document.title = name ? `${name} · Bellringer sandbox` : "Bellringer sandbox";
}

function titleOf(id) {
  const channel = channelOf(id);
  if (channel) return `#${channel.name}`;
  return id && direct()?.id === id ? `@${bot().name}` : "";
}

/** From the list of channels; direct messages are made on first use. */
async function choose(id, { direct: wanted = false } = {}) {
  panes.close();
  if (!wanted || id) return openChannel(id).then(() => composer.focus());
  try {
    const made = await api.post(`/sandbox/users/${me().id}/direct`);
    await refresh();
    await openChannel(made.id);
  } catch (error) {
    tell(error.message);
  }
}

async function openChannel(id) {
  world.channel = id;
  world.unread.delete(id);
  clearNotices();
  drawChannels(choose);
  drawPeople(menus.person);
  drawHead();
  if (id === null) {
    composer.place({ label: "Message", blocked: "There is no channel that you can see." });
    return thread.clear();
  }
  const channel = channelOf(id);
  const label = `Message ${titleOf(id)}`;
  composer.place({
    channel: id,
    label,
    placeholder: `${label}, or / for a command`,
    blocked: channel && channel.can_write === false && `${me().name} may not write in ${titleOf(id)}`,
  });
  remember("channel", id);
  history.replaceState(null, "", channel ? `#${encodeURIComponent(channel.name)}` : location.pathname);
  commands();
  await thread.open(id, titleOf(id));
}

async function become(id) {
  try {
    const view = await fetchView(id);
    world.view = view;
    world.unread.clear();
    usable.promise = null;
    remember("person", view.me.id);
    draw();
    await openChannel(isVisible(world.channel) ? world.channel : firstChannel());
  } catch (error) {
    tell(error.message);
  }
}

async function jump(channel, message) {
  if (!isVisible(channel)) return tell(`${me().name} can't see that channel.`);
  if (channel !== world.channel) await openChannel(channel);
  if (message && !(await thread.reveal(message))) tell("That message is not here any more.");
}

function received(item) {
  if (item.for && item.for !== me()?.id) return;
  const channel = item.channel?.id;
  if (!isVisible(channel)) {
    if (item.for) refreshSoon();
    return;
  }
  if (channel === world.channel) return show(item);
  if (item.kind !== "made" || item.author?.id === me()?.id) return;
  const before = world.unread.get(channel) ?? { pings: 0 };
  world.unread.set(channel, { pings: before.pings + Number(isMentioned(item.pings)) });
  drawChannels(choose);
}

function show(item) {
  if (item.kind === "deleted") return thread.remove(item.message.id);
  thread.upsert(item.message);
}

function connect() {
  follow(world.summary.seq, {
    feed: received,
    log: (entry) => inspector.add(entry),
    world: refreshSoon,
    lost: reconnect,
  });
}

/** A sandbox started anew counts from the beginning: all is fetched before the stream is followed again. */
async function reconnect() {
  const line = byId("connection");
  try {
    await refresh();
    line.textContent = "";
    connect();
    inspector.reload();
    if (world.channel) await thread.open(world.channel, titleOf(world.channel));
  } catch {
    line.textContent = "Connection lost, trying again…";
    setTimeout(reconnect, AGAIN_AFTER);
  }
}

/** The channel that the address names; the one last open goes before others of its name. */
function fromHash() {
  const name = decodeURIComponent(location.hash.slice(1));
  const kept = remembered("channel");
  return channelOf(kept)?.name === name ? kept : channelNamed(name);
}

async function start() {
  theme();
  useLooks(context);
  inspectorPanel(() => inspector.reload());
  byId("person-select").addEventListener("change", (event) => become(event.target.value));
  addEventListener("hashchange", () => fromHash() && openChannel(fromHash()));
  const [summary, view] = await Promise.all([api.get("/sandbox"), fetchView(remembered("person"))]);
  Object.assign(world, { summary, view });
  if (me()) remember("person", me().id);
  draw();
  connect();
  inspector.reload();
  const kept = remembered("channel");
  await openChannel(fromHash() ?? (isVisible(kept) ? kept : firstChannel()));
  setInterval(thread.tick, TIMES_EVERY);
}

start().catch((error) => {
  byId("connection").textContent = error.message;
});
