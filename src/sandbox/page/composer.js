// The composer: plain messages, mentions, and the list of commands that "/" opens.

import { createCommand } from "./command.js";
import { byId, el, signButton } from "./dom.js";
import { flatten, matching, split } from "./options.js";
import { createPicker } from "./picker.js";
import { guild, membersHere, rolesHere, textChannels } from "./world.js";

/**
 * `deps`: commands() -> promise of those usable here, run(name, options), send(content, replyTo), suggest,
 * tell(text).
 */
export function createComposer(form, deps) {
  const box = byId("message-box");
  const plain = byId("plain");
  const send = byId("send");
  const replyBar = byId("reply-bar");
  const picker = createPicker(byId("picker-panel"));
  const command = createCommand(byId("command"), { picker, suggest: deps.suggest, leave: back });
  let reply = null;
  let mentions = new Map();
  let known = [];
  let here = null;

  box.addEventListener("input", typed);
  box.addEventListener("keydown", keyed);
  box.addEventListener("blur", () => picker.isOpenFor(box) && picker.hide());
  box.addEventListener("click", typed);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });

  /** Another channel or person: what is written stays, what depends on the place goes. */
  function place({ channel, label, placeholder, blocked }) {
    box.setAttribute("aria-label", label);
    box.placeholder = blocked || placeholder;
    box.disabled = Boolean(blocked);
    send.disabled = Boolean(blocked);
    setReply(null);
    picker.hide();
    const same = channel === here && !blocked;
    here = channel;
    if (!command.isOpen()) return offerAnew();
    if (same) keepIfUsable();
    else back("");
  }

  /** What is being looked for may be another's now. */
  function offerAnew() {
    if (document.activeElement === box && box.value.startsWith("/")) typed();
  }

  /** Another person goes on with a command begun, if it is theirs too. */
  async function keepIfUsable() {
    const name = command.name();
    const usable = flatten(await deps.commands()).some((one) => one.name === name);
    if (!usable && command.name() === name) back("");
  }

  function back(text) {
    command.close();
    plain.hidden = false;
    write(text);
    box.focus();
    if (text !== "") typed();
  }

  function write(text) {
    box.value = text;
    fit();
  }

  const fit = () => {
    box.rows = Math.min(8, box.value.split("\n").length);
  };

  async function typed() {
    fit();
    const text = box.value;
    if (text.startsWith("/") && !text.includes("\n")) {
      known = flatten(await deps.commands());
      // While the commands were fetched, one may have typed on.
      if (box.value === text && plain.hidden === false) offer(text.slice(1));
      return;
    }
    const at = /(?:^|\s)([@#][^\s@#]*)$/u.exec(text.slice(0, box.selectionStart));
    if (!at) return picker.hide();
    const items = matching(named(at[1][0]), at[1]).slice(0, 20);
    picker.show(box, items, { label: "Mention", first: true, onTake: (item) => insert(item, at[1].length) });
  }

  /** The command whose whole name a text begins with. */
  const begunBy = (text) =>
    known
      .filter((one) => text.startsWith(`${one.name} `))
      .sort((a, b) => b.name.length - a.name.length)[0];

  function offer(text) {
    const exact = begunBy(text);
    if (exact) return choose(exact, text.slice(exact.name.length + 1));
    picker.show(box, ranked(text.trimEnd()), {
      label: "Commands",
      first: true,
      onTake: (item) => choose(item.command, ""),
      empty:
        known.length === 0
          ? "No bot has commands that you may use here"
          : `No command is called “/${text}” here`,
    });
  }

  function ranked(text) {
    const wanted = text.toLowerCase();
    const rank = (one) => {
      if (one.name.startsWith(wanted)) return 0;
      if (one.name.split(" ").some((word) => word.startsWith(wanted))) return 1;
      if (one.name.includes(wanted)) return 2;
      return one.description.toLowerCase().includes(wanted) ? 3 : 4;
    };
    return known
      .map((one) => ({ one, order: rank(one) }))
      .filter(({ order }) => order < 4)
      .sort((a, b) => a.order - b.order)
      .map(({ one }) => ({ label: `/${one.name}`, detail: one.description, command: one }));
  }

  function named(sign) {
    if (sign === "#") {
      const channels = guild() ? textChannels(guild()) : [];
      return channels.map((channel) => ({ label: `#${channel.name}`, token: `<#${channel.id}>` }));
    }
    const people = membersHere().map((one) => ({
      label: `@${one.name}`,
      detail: one.bot ? "bot" : one.username,
      token: `<@${one.id}>`,
    }));
    const roles = rolesHere().map((role) => ({
      label: `@${role.name}`,
      detail: "role",
      token: `<@&${role.id}>`,
    }));
    return [...people, ...roles];
  }

  function insert(item, length) {
    mentions.set(item.label, item.token);
    const at = box.selectionStart - length;
    box.setRangeText(`${item.label} `, at, box.selectionStart, "end");
    box.focus();
  }

  /** What reads "@Ana" in the box is sent as a mention. */
  function encoded(text) {
    const labels = [...mentions.keys()].sort((a, b) => b.length - a.length);
    return labels.reduce((done, label) => done.replaceAll(label, mentions.get(label)), text);
  }

  function choose(chosen, rest) {
    picker.hide();
    plain.hidden = true;
    write("");
    command.open(chosen, split(chosen, rest));
  }

  function keyed(event) {
    if (picker.isOpenFor(box) && picker.key(event, { holdTab: true })) return;
    if (event.key === "Escape" && reply) return setReply(null);
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  }

  async function submit() {
    if (box.disabled) return;
    if (command.isOpen()) return submitCommand();
    const text = box.value;
    if (text.trim() === "") return;
    if (text.startsWith("/")) return begin(text);
    const kept = { reply, mentions };
    write("");
    const content = encoded(text);
    mentions = new Map();
    setReply(null);
    try {
      await deps.send(content, kept.reply?.id);
    } catch (error) {
      deps.tell(error.message);
      if (box.value !== "") return;
      write(text);
      mentions = kept.mentions;
      setReply(kept.reply);
    }
  }

  /** Enter may come before the list does. */
  async function begin(text) {
    known = flatten(await deps.commands());
    if (box.value !== text || command.isOpen()) return;
    const typed = `${text.slice(1).trim()} `;
    const meant = begunBy(typed);
    if (meant) return choose(meant, typed.slice(meant.name.length + 1).trim());
    deps.tell(`There is no command ${text.split(/\s/)[0]} that you may use here.`);
  }

  async function submitCommand() {
    const done = command.finish();
    if (!done) return;
    back("");
    const answered = await deps.run(done.name, done.options);
    if (answered || command.isOpen() || box.value !== "") return;
    plain.hidden = true;
    done.again();
  }

  function setReply(message) {
    reply = message;
    replyBar.hidden = !message;
    if (!message) return replyBar.replaceChildren();
    replyBar.replaceChildren(
      el("span", "Replying to ", el("strong", message.who)),
      signButton("×", "Don't reply", () => setReply(null)),
    );
    box.focus();
  }

  function mention(id, name) {
    if (command.isOpen()) back("");
    mentions.set(`@${name}`, `<@${id}>`);
    const gap = box.value === "" || box.value.endsWith(" ") ? "" : " ";
    write(`${box.value}${gap}@${name} `);
    box.focus();
  }

  return { place, setReply, mention, focus: () => box.focus() };
}
