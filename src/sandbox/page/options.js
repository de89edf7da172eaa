// The options of a command: what can be picked for one, and whether what was typed is allowed.

import { guild, guildOf, membersHere, rolesHere, world } from "./world.js";

export const KIND = {
  string: 3,
  integer: 4,
  boolean: 5,
  user: 6,
  channel: 7,
  role: 8,
  mentionable: 9,
  number: 10,
  attachment: 11,
};

/** Commands as people call them: subcommands by their full names. */
export function flatten(commands) {
  return commands.filter((command) => command.type === 1).flatMap((command) => walk(command, command.name));
}

function walk(step, name) {
  const options = step.options ?? [];
  const inner = options.filter((option) => option.type <= 2);
  if (inner.length > 0) return inner.flatMap((option) => walk(option, `${name} ${option.name}`));
  return [{ name, description: step.description ?? "", options }];
}

const BOOLEANS = [
  { label: "true", value: true },
  { label: "false", value: false },
];

/** What can be picked for this option, or null where one types freely. */
export function candidates(option) {
  if (option.choices?.length > 0) return option.choices.map(({ name, value }) => ({ label: name, value }));
  switch (option.type) {
    case KIND.boolean:
      return BOOLEANS;
    case KIND.user:
      return people();
    case KIND.channel:
      return channels(option);
    case KIND.role:
      return roles();
    case KIND.mentionable:
      return [...people(), ...roles()];
    default:
      return null;
  }
}

const people = () =>
  membersHere().map((member) => ({
    label: member.name,
    value: member.id,
    detail: member.bot ? "bot" : `@${member.username ?? member.name}`,
  }));

const roles = () => rolesHere().map((role) => ({ label: `@${role.name}`, value: role.id, detail: "role" }));

function channels(option) {
  const allowed = option.channel_types ?? [];
  const all = (guildOf(world.channel) ?? guild())?.channels ?? [];
  return all
    .filter((channel) => allowed.length === 0 || allowed.includes(channel.type))
    .map((channel) => ({ label: `#${channel.name}`, value: channel.id }));
}

const SELECTS = { 5: people, 6: roles, 7: () => [...people(), ...roles()], 8: channels };

/** What can be chosen in a message's select of people, roles, both, or channels; as its `options`. */
export function selectable(type, component) {
  const usual = (component.default_values ?? []).map(({ id }) => id);
  return SELECTS[type](component).map(({ label, value, detail }) => ({
    label,
    value,
    description: detail,
    default: usual.includes(value),
  }));
}

const plain = (text) => text.toLowerCase().replace(/^[@#]/, "");

export function matching(items, typed) {
  const wanted = plain(typed.trim());
  if (wanted === "") return items;
  const starts = items.filter((item) => plain(item.label).startsWith(wanted));
  const within = items.filter(
    (item) => !starts.includes(item) && `${item.label} ${item.detail ?? ""}`.toLowerCase().includes(wanted),
  );
  return [...starts, ...within];
}

/** `{ value }` (undefined when left empty), or `{ problem }` in words. */
export function read(option, typed, taken) {
  if (option.type === KIND.attachment) return taken ? { value: taken } : missing(option);
  if (taken !== undefined) return { value: taken };
  const text = option.type === KIND.string ? typed : typed.trim();
  if (text.trim() === "") return missing(option);
  const items = candidates(option);
  if (items) {
    const found = items.find(
      (item) => plain(item.label) === plain(text.trim()) || String(item.value) === text.trim(),
    );
    return found ? { value: found.value } : { problem: `Choose one from the list: “${text}” is not in it.` };
  }
  if (option.type === KIND.integer || option.type === KIND.number) return number(option, text);
  return string(option, text);
}

function missing(option) {
  return option.required
    ? { problem: `${option.name} is needed: ${option.description}` }
    : { value: undefined };
}

function string(option, text) {
  const length = [...text].length;
  const least = option.min_length ?? 0;
  const most = option.max_length ?? 6000;
  if (length < least) return { problem: `At least ${least} characters, please; this is ${length}.` };
  if (length > most) return { problem: `At most ${most} characters, please; this is ${length}.` };
  return { value: text };
}

function number(option, text) {
  const value = Number(text.replace(",", "."));
  if (!Number.isFinite(value)) return { problem: `A number, please: “${text}” is none.` };
  if (option.type === KIND.integer && !Number.isInteger(value))
    return { problem: `A whole number, please: not ${text}.` };
  const least = option.min_value ?? -Infinity;
  const most = option.max_value ?? Infinity;
  if (value < least) return { problem: `At least ${least}, please.` };
  if (value > most) return { problem: `At most ${most}, please.` };
  return { value };
}

/** Splits `amount:9k customer:Larch & Co` by names; what is before the first name goes to the first option. */
export function split(command, text) {
  const known = command.options.map((option) => option.name);
  const found = [...text.matchAll(/(?:^|\s)([^\s:]+):/gu)].filter((match) => known.includes(match[1]));
  const given = new Map();
  const lead = text.slice(0, found[0]?.index ?? text.length).trim();
  if (lead !== "" && known.length > 0) given.set(known[0], lead);
  found.forEach((match, index) => {
    const from = match.index + match[0].length;
    given.set(match[1], text.slice(from, found[index + 1]?.index ?? text.length).trim());
  });
  return given;
}
