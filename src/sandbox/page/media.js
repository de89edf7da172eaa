// Pictures and files of a message. Only what this machine serves is loaded; the rest is named.

import { el } from "./dom.js";
import { aside, localPath, outerLink, webAddress } from "./safe.js";

/** A picture, or a frame that says where it is. `size` may hold width and height. */
export function picture(url, name, kind, size = {}) {
  const path = localPath(url);
  if (!path) return elsewhere(url, kind);
  const image = el("img", {
    src: path,
    alt: name,
    class: `${kind}-image`,
    loading: "lazy",
    decoding: "async",
    width: size.width > 0 && String(size.width),
    height: size.height > 0 && String(size.height),
  });
  const link = outerLink(path, image);
  link.className = "picture";
  image.addEventListener("error", () => link.replaceWith(note(`${name}: this picture could not be shown.`)));
  return link;
}

function elsewhere(url, kind) {
  const href = webAddress(url);
  if (!href) return note(`${kind} at ${String(url).slice(0, 80)}; not loaded: this is no address of the web`);
  const { host, pathname } = new URL(href);
  const short = pathname.length > 24 ? `${pathname.slice(0, 22)}…` : pathname;
  return el(
    "div.elsewhere",
    `${kind} at `,
    outerLink(href, `${host}${short}`),
    "; not loaded: this page opens nothing outside this machine",
  );
}

/** A small round picture, or a link in its place. */
export function icon(url, what) {
  if (!url) return null;
  const path = localPath(url);
  if (path) return el("img.embed-icon", { src: path, alt: "", loading: "lazy" });
  const href = webAddress(url);
  if (!href) return null;
  const link = outerLink(
    href,
    el("span", { "aria-hidden": "true" }, "▫"),
    aside(`${what} at ${new URL(href).host}, not loaded`),
  );
  link.className = "embed-icon elsewhere-icon";
  link.title = `${href}: not loaded`;
  return link;
}

export const note = (text) => el("p.not-shown", text);

export function attachmentList(list) {
  if (!list?.length) return null;
  return el("div.attachments", ...list.map(attachment));
}

function attachment(file) {
  const name = file.title ?? file.filename ?? "file";
  const isImage = /^image\/(png|jpeg|gif|webp|avif)\b/.test(file.content_type ?? "");
  if (!isImage) return card(file, name);
  const shown = picture(file.url, file.description || name, "image", file);
  if (!name.startsWith("SPOILER_")) return shown;
  return el("details", el("summary", "Spoiler: a picture"), shown);
}

function card(file, name) {
  const path = localPath(file.url);
  const href = path ?? webAddress(file.url);
  const link =
    href &&
    el(
      "a.file-get",
      { href, download: path ? name : null, rel: "noopener noreferrer" },
      "Download",
      aside(` ${name}`),
    );
  return el(
    "div.file",
    el("span.file-sign", { "aria-hidden": "true" }, "▤"),
    el("span.file-name", name, el("small", fileSize(file.size))),
    link,
  );
}

export function fileSize(bytes) {
  if (!(bytes >= 0)) return "";
  if (bytes < 1000) return bytes === 1 ? "1 byte" : `${bytes} bytes`;
  if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
