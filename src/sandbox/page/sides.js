// The panes at the sides: channels at the left, people at the right.

import { byId, el } from "./dom.js";
import { face } from "./message.js";
import { addChannel, addPerson, addServer } from "./setup.js";
import { bot, direct, guild, guilds, me, textChannels, world } from "./world.js";

let drawnChannels = "";
let drawnPeople = "";

/** Redraws only what has changed, so that focus and open forms stay. */
export function drawChannels(open, force = false) {
  const shape = JSON.stringify([
    world.channel,
    [...world.unread],
    me()?.id,
    direct()?.id,
    guilds().map((one) => [one.id, one.name, textChannels(one).map(({ id, name }) => [id, name])]),
  ]);
  if (shape === drawnChannels && !force) return;
  drawnChannels = shape;
  const pane = byId("channel-list");
  const focused = pane.contains(document.activeElement) && document.activeElement.dataset.channel;
  pane.replaceChildren(
    ...guilds().map((one) => guildSection(one, open)),
    ...(me() ? [directSection(open), addServer()] : []),
  );
  if (focused) pane.querySelector(`[data-channel="${focused}"]`)?.focus();
}

function guildSection(one, open) {
  const rows = textChannels(one).map((channel) => row(channel.id, "#", channel.name, () => open(channel.id)));
  return el(
    "section",
    { "aria-labelledby": `guild-${one.id}` },
    el("h2", { id: `guild-${one.id}` }, one.name),
    el("ul", ...rows),
    addChannel(one),
  );
}

function directSection(open) {
  const id = direct()?.id ?? null;
  return el(
    "section",
    { "aria-labelledby": "direct-title" },
    el("h2", { id: "direct-title" }, "Direct messages"),
    el(
      "ul",
      row(id ?? "direct", "@", bot().name, () => open(id, { direct: true })),
    ),
  );
}

function row(id, sign, name, onclick) {
  const unread = world.unread.get(id);
  const current = world.channel === id;
  const mark =
    unread &&
    el(
      "span",
      { class: unread.pings > 0 ? "badge ping" : "badge" },
      el("span", { "aria-hidden": "true" }, unread.pings > 0 ? String(unread.pings) : ""),
      el("span.unseen", unread.pings > 0 ? `, ${unread.pings} mentions` : ", unread"),
    );
  const button = el(
    "button",
    { class: unread ? "channel unread" : "channel", onclick, "aria-current": current && "page" },
    el("span.sign", { "aria-hidden": "true" }, sign),
    el("span.name", name),
    mark,
  );
  button.dataset.channel = id;
  return el("li", button);
}

export function drawPeople(onPerson) {
  const here = guild();
  const shape = JSON.stringify([
    here?.id,
    here?.members,
    here?.roles,
    me()?.id,
    direct()?.id,
    world.channel === direct()?.id,
  ]);
  if (shape === drawnPeople) return;
  drawnPeople = shape;
  const pane = byId("people-list");
  if (!here) return pane.replaceChildren(...directPeople(onPerson));
  const managers = here.members.filter((member) => !member.bot && member.manages);
  const rest = here.members.filter((member) => !member.bot && !member.manages);
  const bots = here.members.filter((member) => member.bot);
  pane.replaceChildren(
    ...[
      ["Managers", managers],
      ["Everyone else", rest],
      ["Bots", bots],
    ]
      .filter(([, members]) => members.length > 0)
      .map(([title, members]) => group(title, members, onPerson)),
    addPerson(here),
  );
}

function directPeople(onPerson) {
  return [
    group(
      "In this conversation",
      [me(), { ...bot(), bot: true }].filter((one) => one?.id),
      onPerson,
    ),
  ];
}

function group(title, members, onPerson) {
  const id = `people-${title.toLowerCase().replaceAll(" ", "-")}`;
  const sorted = [...members].sort((a, b) => a.name.localeCompare(b.name));
  return el(
    "section",
    { "aria-labelledby": id },
    el("h2", { id }, `${title} · ${members.length}`),
    el("ul", ...sorted.map((member) => el("li", person(member, onPerson)))),
  );
}

function person(member, onPerson) {
  const button = el(
    "button.person",
    { "aria-haspopup": "menu", onclick: () => onPerson(member.id, button) },
    face(member.id, member.name),
    el("span.name", member.name),
    member.id === me()?.id && el("span.you", "you"),
  );
  button.addEventListener("contextmenu", (event) => {
    event.preventDefault();
    onPerson(member.id, button);
  });
  return button;
}
