// One message as a list item: who, when, what it says, what can be pressed.

import { renderControls } from "./controls.js";
import { el } from "./dom.js";
import { renderEmbed } from "./embed.js";
import { refreshTimes, renderInline, renderMarkdown } from "./markdown.js";
import { attachmentList, note } from "./media.js";
import { aside } from "./safe.js";
import { fullDate, messageTime } from "./stamps.js";
import { clockTime } from "./times.js";

export { refreshTimes };

const EPHEMERAL = 1 << 6;
const LOADING = 1 << 7;
const SILENT = 1 << 12;
const COMPONENTS_V2 = 1 << 15;
/** Ordinary messages: plain, replies, and answers to commands. */
const ORDINARY = new Set([0, 19, 20, 23]);
const ONLY_EMOJI = /^(?:\p{Extended_Pictographic}[\u{FE0F}\u{200D}\u{1F3FB}-\u{1F3FF}]*|\p{RI}|\s)+$/u;
const OWN_EMOJI = /^(?:a:)?\w{2,32}:\d{1,20}$/;
const LONGEST_EXCERPT = 90;
const LONGEST_LARGE = 54;

/** What the person at this page reacted with: the server only knows that of the bot. */
const reacted = new Set();
let made = 0;

export function renderMessage(message, ctx) {
  made += 1;
  const head = `message-head-${made}`;
  const flags = message.flags ?? 0;
  const item = el(
    "li",
    { class: classes(message, ctx, flags), "data-id": message.id },
    el(
      "article",
      { "aria-labelledby": head },
      above(message, ctx),
      avatar(message, ctx),
      header(message, ctx, head),
      body(message, ctx, flags),
      tools(message, ctx),
    ),
  );
  item.addEventListener("contextmenu", (event) => {
    if (event.target.closest?.("a, input, select, button") || String(getSelection?.() ?? "") !== "") return;
    event.preventDefault();
    ctx.onMenu(message, item.querySelector(".message-more") ?? item);
  });
  return item;
}

function classes(message, ctx, flags) {
  const given = {
    message: true,
    grouped: isGrouped(message, ctx),
    "is-new": ctx.isNew,
    "pings-me": pingsMe(message, ctx),
    ephemeral: Boolean(flags & EPHEMERAL),
  };
  return Object.keys(given)
    .filter((name) => given[name])
    .join(" ");
}

/** A reply or an answer to a command says so above its header, and so has one. */
const isGrouped = (message, ctx) => Boolean(ctx.grouped) && !message.message_reference && !commandOf(message);

function pingsMe(message, ctx) {
  return Boolean(message.mention_everyone) || (message.mentions ?? []).some(({ id }) => id === ctx.me);
}

const nameOf = (user, ctx) => ctx.names.user(user.id) ?? user.global_name ?? user.username ?? "someone";

function commandOf(message) {
  const from = message.interaction_metadata ?? message.interaction;
  const name = from?.name ?? message.interaction?.name;
  return from?.type === 2 && name ? { user: from.user, name, slash: (from.command_type ?? 1) === 1 } : null;
}

function above(message, ctx) {
  const command = commandOf(message);
  if (command) {
    return el(
      "div.message-above",
      personButton(command.user, ctx, "message-user"),
      " used ",
      el("span.mention.mention-command", `${command.slash ? "/" : ""}${command.name}`),
    );
  }
  return message.message_reference ? replyLine(message, ctx) : null;
}

/** What is answered: deleted if the server says null, and looked up where it says nothing. */
function replyLine({ message_reference: reference, referenced_message: told }, ctx) {
  if (told === null) return el("div.message-above", "↰ The message this answers is gone.");
  const original = told ?? ctx.messageOf?.(reference.message_id);
  const jump = () => ctx.onJump(reference.channel_id ?? original?.channel_id, reference.message_id);
  return el(
    "div.message-above",
    el(
      "button.message-reply",
      { onclick: jump },
      el("span", { "aria-hidden": "true" }, "↰ "),
      aside("In answer to "),
      ...(original
        ? [el("b", nameOf(original.author, ctx)), aside(":"), " ", excerpt(original, ctx)]
        : ["an earlier message"]),
    ),
  );
}

/** The files that no embed shows already. */
function unshown({ attachments, embeds }) {
  const shown = new Set((embeds ?? []).flatMap(({ image, thumbnail }) => [image?.url, thumbnail?.url]));
  return (attachments ?? []).filter(({ url }) => !shown.has(url));
}

function excerpt({ content, embeds, attachments }, ctx) {
  const text = (content || embeds?.[0]?.title || embeds?.[0]?.description || "").replace(/\s+/g, " ");
  if (text === "") return attachments?.length ? "a file" : "a message";
  if (text.length <= LONGEST_EXCERPT) return renderInline(text, ctx, true);
  // No half mention at its end.
  return renderInline(`${text.slice(0, LONGEST_EXCERPT).replace(/<[^>]*$/, "")}…`, ctx, true);
}

function personButton(user, ctx, className) {
  const open = (event) => ctx.onPerson(user.id, event.currentTarget);
  return el("button", { class: className, onclick: open }, nameOf(user, ctx));
}

/** The circle in front of a message: also for lists of people. */
export function face(id, name) {
  const words = String(name).trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : ""]
    .map((word) => [...word][0] ?? "")
    .join("");
  const circle = el("span.face", { "aria-hidden": "true" }, letters.toUpperCase() || "?");
  circle.style.setProperty("--hue", String(hueOf(id)));
  return circle;
}

function hueOf(id) {
  let sum = 7;
  for (const letter of String(id)) sum = (sum * 31 + letter.charCodeAt(0)) % 3600;
  return (sum * 137) % 360;
}

function avatar(message, ctx) {
  if (!isGrouped(message, ctx))
    return el("div.message-face", face(message.author.id, nameOf(message.author, ctx)));
  const at = clockTime(new Date(message.timestamp), ctx.zone);
  return el("div.message-face.message-clock", { "aria-hidden": "true" }, at);
}

function header(message, ctx, id) {
  const at = new Date(message.timestamp);
  const grouped = isGrouped(message, ctx);
  const isBot = message.author.bot || message.webhook_id;
  return el(
    "div",
    { class: grouped ? "unseen" : "message-head", id },
    // Nothing unseen may take the focus.
    grouped ? nameOf(message.author, ctx) : personButton(message.author, ctx, "message-user"),
    isBot && el("span.app-tag", "APP"),
    " ",
    el(
      "time.message-time",
      { datetime: at.toISOString(), title: fullDate(at, ctx.zone) },
      messageTime(at, ctx),
    ),
    ...marks(message),
    pingsMe(message, ctx) && aside(", mentions you"),
  );
}

function marks({ flags = 0, tts, pinned }) {
  const mark = (sign, text) =>
    el("span.mark", { title: text }, el("span", { "aria-hidden": "true" }, sign), aside(` ${text}`));
  return [
    Boolean(flags & SILENT) &&
      el(
        "span.mark.mark-silent",
        { title: "Sent without a sound" },
        el("span", { "aria-hidden": "true" }, "🔔"),
        aside(" Sent without a sound"),
      ),
    tts && mark("🔈", "Read aloud"),
    pinned && mark("📌", "Pinned"),
  ];
}

function body(message, ctx, flags) {
  return el(
    "div.message-body",
    flags & LOADING ? thinking(message, ctx) : content(message, ctx),
    attachmentList(unshown(message)),
    ...(message.embeds ?? []).map((embed) => renderEmbed(embed, ctx)),
    ...leftOut(message, flags),
    flags & COMPONENTS_V2 ? null : renderControls(message, ctx),
    reactions(message, ctx),
    flags & EPHEMERAL ? ephemeral(message, ctx) : null,
  );
}

function thinking(message, ctx) {
  return el(
    "p.thinking",
    `${nameOf(message.author, ctx)} is thinking`,
    el("span", { "aria-hidden": "true" }, "…"),
  );
}

function content(message, ctx) {
  const edited =
    message.edited_timestamp &&
    el(
      "span.edited",
      { title: `Edited ${fullDate(new Date(message.edited_timestamp), ctx.zone)}` },
      "(edited)",
    );
  if (!message.content) return edited && el("div.message-text", edited);
  const large = message.content.length <= LONGEST_LARGE && ONLY_EMOJI.test(message.content);
  const text = el(
    "div",
    { class: `md message-text${large ? " only-emoji" : ""}`, dir: "auto" },
    renderMarkdown(message.content, ctx),
  );
  if (!edited) return text;
  const last = text.lastElementChild;
  (last?.tagName === "P" ? last : text).append(" ", edited);
  return text;
}

function leftOut(message, flags) {
  const stickers = message.sticker_items ?? [];
  const nothing = !message.content && !message.embeds?.length && !message.attachments?.length;
  return [
    stickers.length > 0 &&
      note(`Not shown here: ${stickers.map((it) => `the sticker “${it.name}”`).join(", ")}.`),
    message.poll && note(`Not shown here: a poll, “${message.poll.question?.text ?? ""}”.`),
    Boolean(flags & COMPONENTS_V2) &&
      note("Not shown here: a message laid out with components of the second kind."),
    nothing && !ORDINARY.has(message.type ?? 0) && note(`Not shown here: a notice of type ${message.type}.`),
  ];
}

export const isEmoji = (text) => text !== "" && (ONLY_EMOJI.test(text) || OWN_EMOJI.test(text));

const reactionKey = (person, message, emoji) => `${person} ${message} ${emoji}`;

/** Gives a reaction, or takes it back where it was given; what was refused is not kept. */
export async function react(message, emoji, ctx, on = true) {
  const key = reactionKey(ctx.me, message.id, emoji);
  if (reacted.has(key) === on) return;
  const note = (given) => reacted[given ? "add" : "delete"](key);
  // Before the request: the message may be drawn anew before that is answered.
  note(on);
  if ((await ctx.onReact(message, emoji, !on)) === false) note(!on);
}

function reactions(message, ctx) {
  const list = message.reactions ?? [];
  if (list.length === 0) return null;
  return el(
    "div.reactions",
    { role: "group", "aria-label": "Reactions" },
    ...list.map((it) => reaction(message, it, ctx)),
  );
}

function reaction(message, { emoji, count }, ctx) {
  const written = emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name;
  const pressed = reacted.has(reactionKey(ctx.me, message.id, written));
  const people = count === 1 ? "1 reaction" : `${count} reactions`;
  return el(
    "button.reaction",
    { "aria-pressed": String(pressed), onclick: () => react(message, written, ctx, !pressed) },
    emoji.id ? `:${emoji.name}:` : emoji.name,
    " ",
    el("span", { "aria-hidden": "true" }, String(count)),
    aside(people),
  );
}

function ephemeral(message, ctx) {
  return el(
    "p.only-you",
    "Only you can see this · ",
    el("button.as-link", { onclick: () => ctx.onDismiss(message) }, "Dismiss"),
  );
}

function tools(message, ctx) {
  const more = el(
    "button.message-more",
    {
      "aria-label": "More about this message",
      title: "More",
      "aria-haspopup": "menu",
      onclick: (event) => ctx.onMenu(message, event.currentTarget),
    },
    "⋯",
  );
  return el("div.message-tools", more);
}
