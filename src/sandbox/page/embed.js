// One embed of a message.

import { el } from "./dom.js";
import { renderInline, renderMarkdown } from "./markdown.js";
import { icon, picture } from "./media.js";
import { outerLink, webAddress } from "./safe.js";
import { fullDate, messageTime } from "./stamps.js";

export function renderEmbed(embed, ctx) {
  const shown = el(
    "div.embed",
    { role: "group", "aria-label": embed.title ? `Embed: ${embed.title}` : "Embed" },
    embed.thumbnail?.url &&
      el("div.embed-thumbnail", picture(embed.thumbnail.url, "Thumbnail", "thumbnail", embed.thumbnail)),
    el(
      "div.embed-body",
      embed.provider?.name && el("div.embed-small", embed.provider.name),
      author(embed.author),
      title(embed, ctx),
      embed.description && el("div.md.embed-text", renderMarkdown(embed.description, ctx)),
      fields(embed.fields, ctx),
    ),
    embed.image?.url && el("div.embed-picture", picture(embed.image.url, "Image", "image", embed.image)),
    footer(embed, ctx),
  );
  if (Number.isInteger(embed.color)) shown.style.setProperty("--bar", hex(embed.color));
  return shown;
}

export const hex = (color) => `#${(color & 0xffffff).toString(16).padStart(6, "0")}`;

function linked(text, url) {
  const href = url && webAddress(url);
  return href ? outerLink(href, text) : text;
}

function author(it) {
  if (!it?.name) return null;
  return el("div.embed-author", icon(it.icon_url, "icon"), el("span", linked(it.name, it.url)));
}

function title(embed, ctx) {
  if (!embed.title) return null;
  const isLink = Boolean(embed.url && webAddress(embed.url));
  return el("div.md.embed-title", linked(renderInline(embed.title, ctx, isLink), embed.url));
}

/** Up to three inline fields share a row; one that is not inline has its own. */
function fields(list, ctx) {
  if (!list?.length) return null;
  const rows = [];
  for (const field of list) {
    const row = rows[rows.length - 1];
    if (field.inline && row?.[0].inline && row.length < 3) row.push(field);
    else rows.push([field]);
  }
  const shown = rows.flatMap((row) => row.map((field) => showField(field, row.length, ctx)));
  return el("dl.embed-fields", ...shown);
}

function showField({ name, value }, width, ctx) {
  return el(
    "div",
    { class: `embed-field embed-field-${width}` },
    el("dt.md", renderInline(name, ctx)),
    el("dd.md", renderMarkdown(value, ctx)),
  );
}

function footer(embed, ctx) {
  const text = embed.footer?.text;
  const at = embed.timestamp ? new Date(embed.timestamp) : null;
  const time =
    at &&
    !Number.isNaN(at.getTime()) &&
    el("time", { datetime: at.toISOString(), title: fullDate(at, ctx.zone) }, messageTime(at, ctx));
  if (!text && !time) return null;
  return el(
    "div.embed-footer",
    icon(embed.footer?.icon_url, "icon"),
    el("span", text ?? null, text && time ? " · " : null, time),
  );
}
