// What the page knows of the sandbox, and looking things up in it.

export const world = { summary: null, view: null, channel: null, zone: "UTC", unread: new Map() };

export const me = () => world.view?.me ?? null;
export const guilds = () => world.view?.guilds ?? [];
export const bot = () => world.view?.application ?? { id: null, name: "The bot" };
export const direct = () => world.view?.direct ?? null;

/** Kinds of channels one can read and write in: text, announcements, threads, voice's chat. */
const READABLE = new Set([0, 2, 5, 10, 11, 12]);

export const textChannels = (guild) => guild.channels.filter((channel) => READABLE.has(channel.type));

export const guildOf = (id) =>
  guilds().find((guild) => guild.channels.some((channel) => channel.id === id)) ?? null;

export const guild = () => guildOf(world.channel) ?? (isDirect() ? null : (guilds()[0] ?? null));

export const isDirect = () => world.channel !== null && direct()?.id === world.channel;

export function channelOf(id) {
  return guildOf(id)?.channels.find((channel) => channel.id === id) ?? null;
}

export const isVisible = (id) => id !== null && (channelOf(id) !== null || direct()?.id === id);

export function firstChannel() {
  const all = guilds().flatMap(textChannels);
  return all.find((channel) => channel.name === "general")?.id ?? all[0]?.id ?? null;
}

export function channelNamed(name) {
  return (
    guilds()
      .flatMap(textChannels)
      .find((channel) => channel.name === name)?.id ?? null
  );
}

/** Whom one can name here: the guild's members, or the two of a direct conversation. */
export function membersHere() {
  const here = guild();
  if (here) return here.members;
  return [me(), direct()?.user].filter(Boolean);
}

export const rolesHere = () => guild()?.roles.filter((role) => role.id !== guild().id) ?? [];

function inGuilds(pick) {
  const here = guild();
  const order = here ? [here, ...guilds().filter((other) => other !== here)] : guilds();
  for (const one of order) {
    const found = pick(one);
    if (found) return found;
  }
  return null;
}

const byIdIn = (list, id) => list.find((one) => one.id === id);

export const names = {
  user: (id) =>
    inGuilds((one) => byIdIn(one.members, id))?.name ??
    world.view?.people.find((person) => person.id === id)?.name ??
    (id === bot().id ? bot().name : null),
  role: (id) => inGuilds((one) => byIdIn(one.roles, id))?.name ?? null,
  channel: (id) => inGuilds((one) => byIdIn(one.channels, id))?.name ?? null,
};

export const colors = {
  role(id) {
    const color = inGuilds((one) => byIdIn(one.roles, id))?.color;
    return color ? `#${color.toString(16).padStart(6, "0")}` : null;
  },
};

/** Snowflakes as text: the longer is the later. */
export function compareIds(a, b) {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

export function isMentioned(pings) {
  if (!pings || !me()) return false;
  const mine = guilds().flatMap((one) => byIdIn(one.members, me().id)?.roles ?? []);
  return (
    Boolean(pings.everyone) ||
    (pings.users ?? []).includes(me().id) ||
    (pings.roles ?? []).some((id) => mine.includes(id))
  );
}
