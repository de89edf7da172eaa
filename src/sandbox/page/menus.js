// What can be done to a message or a person: the bot's commands, and the page's own.

import { acts, tell } from "./acts.js";
import { el } from "./dom.js";
import { openBox, openMenu } from "./menu.js";
import { isEmoji, react } from "./message.js";
import { bot, me, names, world } from "./world.js";

const [ON_A_PERSON, ON_A_MESSAGE] = [2, 3];
const REACTIONS = ["👏", "🎉", "🔥", "👍", "❤️", "🔔", "✅", "😂"];

/** `deps`: composer, context() of messages, become(id). */
export function createMenus({ composer, context, become }) {
  const ofKind = (kind, target) =>
    context()
      .commands.filter((command) => command.type === kind)
      .map((command) => ({ label: command.name, act: () => acts.menu(command.name, target) }));

  const grouped = (first, rest) => (first.length > 0 ? [...first, "-", ...rest] : rest);

  function message(one, anchor) {
    const who = names.user(one.author.id) ?? one.author.global_name ?? one.author.username;
    const own = [
      { label: "Reply", act: () => composer.setReply({ id: one.id, who }) },
      { label: "Add reaction", act: () => reactions(one, anchor) },
      { label: "Copy ID", act: () => copy(one.id) },
    ];
    if (one.author.id === me().id) own.push({ label: "Delete", act: () => acts.remove(one) });
    openMenu(anchor, `Message by ${who}`, grouped(ofKind(ON_A_MESSAGE, one.id), own));
  }

  function reactions(one, anchor) {
    const give = (emoji) => {
      shut();
      react(one, emoji, context());
    };
    const offered = REACTIONS.map((emoji) => el("button", { onclick: () => give(emoji) }, emoji));
    const other = el("input", {
      "aria-label": "Another emoji",
      placeholder: "Another emoji",
      maxlength: "60",
    });
    other.addEventListener("input", () => other.setCustomValidity(""));
    const form = el("form", ...offered, other, el("button.primary", { type: "submit" }, "React"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const typed = other.value.trim();
      if (isEmoji(typed)) return give(typed);
      other.setCustomValidity("An emoji, please.");
      other.reportValidity();
    });
    const box = el("div.menu.reacting", { role: "dialog", "aria-label": "Add a reaction" }, form);
    const shut = openBox(anchor, box);
  }

  function person(id, anchor) {
    const name = names.user(id) ?? id;
    const own = [{ label: "Mention", act: () => composer.mention(id, name) }];
    const isPerson = world.view.people.some((one) => one.id === id);
    if (isPerson && id !== me().id) own.push({ label: `Be ${name}`, act: () => become(id) });
    own.push({ label: "Copy ID", act: () => copy(id) });
    openMenu(anchor, id === bot().id ? `${name}, the bot` : name, grouped(ofKind(ON_A_PERSON, id), own));
  }

  return { message, person };
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    tell(`The ID is ${text}`);
  }
}
