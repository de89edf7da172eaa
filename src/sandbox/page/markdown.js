// Shows a message's text: the tree that `blocks` and `inline` read becomes elements, and text stays text.

import { parseMarkdown } from "./blocks.js";
import { el } from "./dom.js";
import { parseInline } from "./inline.js";
import { aside, outerLink, webAddress } from "./safe.js";
import { fullDate, stamp } from "./stamps.js";

export { parseMarkdown };

const PLAIN = { bold: "strong", italic: "em", underline: "u", strike: "s" };

/** A message's content, or an embed's description or field. */
export function renderMarkdown(text, ctx) {
  return fragment(parseMarkdown(text).map((block) => showBlock(block, ctx)));
}

/** A title or a field's name: no blocks. `inLink`: it stands in a link, so nothing in it may be pressed. */
export function renderInline(text, ctx, inLink = false) {
  return fragment(inlines(parseInline(String(text ?? "")), { ...ctx, inLink }));
}

/** Writes the relative times below `root` anew. */
export function refreshTimes(root, ctx) {
  for (const time of root.querySelectorAll("time[data-unix]")) {
    time.textContent = stamp(Number(time.dataset.unix), "R", ctx);
  }
}

function fragment(nodes) {
  const made = document.createDocumentFragment();
  made.append(...nodes);
  return made;
}

const inlines = (nodes, ctx) => nodes.map((node) => showInline(node, ctx));

function showBlock(block, ctx) {
  switch (block.type) {
    case "codeblock":
      return showCode(block);
    case "quote":
      return el("blockquote", ...block.children.map((child) => showBlock(child, ctx)));
    // A heading of the text is none of the page's.
    case "heading":
      return el("p", { class: `md-h md-h${block.level}` }, ...inlines(block.children, ctx));
    case "subtext":
      return el("p.md-subtext", ...inlines(block.children, ctx));
    case "list":
      return showList(block, ctx);
    default:
      return el("p", ...inlines(block.children, ctx));
  }
}

function showCode({ language, text }) {
  const label = language === "" ? null : el("span.md-language", language);
  const name = language === "" ? "Code" : `Code in ${language}`;
  // Focusable, so that the keyboard can scroll it.
  return el(
    "div.md-code",
    label,
    el("pre", { tabindex: "0", role: "group", "aria-label": name }, el("code", text)),
  );
}

function showList({ ordered, start, items }, ctx) {
  const shown = items.map((item) => el("li", ...inlines(item, ctx)));
  return ordered ? el("ol", { start: String(start) }, ...shown) : el("ul", ...shown);
}

function showInline(node, ctx) {
  if (PLAIN[node.type]) return el(PLAIN[node.type], {}, ...inlines(node.children, ctx));
  switch (node.type) {
    case "spoiler":
      return showSpoiler(node, ctx);
    case "code":
      return el("code", node.text);
    case "link":
      return showLink(node, ctx);
    case "mention":
      return showMention(node, ctx);
    case "emoji":
      return el("span.md-emoji", { title: "An emoji of a server" }, `:${node.name}:`);
    case "time":
      return showTime(node, ctx);
    case "list":
      return showList(node, ctx);
    default:
      return document.createTextNode(node.text);
  }
}

function showLink({ url, children }, ctx) {
  const href = webAddress(url);
  if (!href || ctx.inLink) return fragment(inlines(children, ctx));
  const link = outerLink(href, ...inlines(children, { ...ctx, inLink: true }));
  if (children.length !== 1 || children[0].text !== url) link.title = href;
  return link;
}

function showSpoiler({ children }, ctx) {
  const inside = el("span.md-hidden", { inert: true }, ...inlines(children, ctx));
  if (ctx.inLink) return el("span.md-spoiler", inside);
  const cover = el(
    "span.md-spoiler",
    { role: "button", tabindex: "0", "aria-label": "Spoiler, show it" },
    inside,
  );
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (!inside.hasAttribute("inert")) return;
    event.preventDefault();
    inside.removeAttribute("inert");
    inside.className = "";
    cover.className = "md-spoiler md-shown";
    ["role", "tabindex", "aria-label"].forEach((name) => cover.removeAttribute(name));
  };
  cover.addEventListener("click", reveal);
  cover.addEventListener("keydown", reveal);
  return cover;
}

function showTime({ at, style }, ctx) {
  const text = stamp(at, style, ctx);
  if (text === null) return document.createTextNode(`<t:${at}:${style}>`);
  const date = new Date(at * 1000);
  return el(
    "time.md-time",
    {
      datetime: date.toISOString(),
      title: fullDate(date, ctx.zone),
      "data-unix": style === "R" && String(at),
    },
    text,
  );
}

const SIGN = { user: "@", role: "@", channel: "#" };

function showMention({ kind, id, name }, ctx) {
  if (kind === "everyone" || kind === "here") return el("span.mention", `@${kind}`);
  if (kind === "command") return el("span.mention.mention-command", `/${name}`);
  const known = ctx.names[kind](id);
  const text = `${SIGN[kind]}${known ?? `unknown ${kind === "user" ? "person" : kind}`}`;
  if (known === null || known === undefined) return el("span.mention.mention-unknown", { title: id }, text);
  if (kind === "role") return tinted(el("span.mention", text), ctx.colors?.role(id));
  const act = kind === "user" ? ctx.onPerson : ctx.onJump;
  if (ctx.inLink || !act) return el("span.mention", text);
  const go = (event) => (kind === "user" ? act(id, event.currentTarget) : act(id, null));
  return el("button.mention", { onclick: go }, text, kind === "channel" && aside(", go there"));
}

function tinted(node, color) {
  if (color) node.style.setProperty("--tint", color);
  return node;
}
