// What keeps the page to itself: which addresses may be links and images, and a control that is at work.

import { el } from "./dom.js";

/** For screen readers only. */
export const aside = (text) => el("span.unseen", text);

/** An address of the web, or null: nothing else may become a link. */
export function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);

/** The path of what this page's own server serves, or null: everything else is out of this machine. */
export function localPath(text) {
  if (!/^(\/|https?:\/\/)/i.test(text)) return null;
  try {
    const url = new URL(text, location.origin);
    const here = new URL(location.origin);
    const same =
      url.origin === here.origin ||
      (url.protocol === here.protocol &&
        url.port === here.port &&
        LOOPBACK.has(url.hostname) &&
        LOOPBACK.has(here.hostname));
    return same ? url.pathname + url.search : null;
  } catch {
    return null;
  }
}

/** A link that opens beside the page, and tells the other side nothing of it. */
export function outerLink(href, ...children) {
  return el("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

/** Marks a control as busy while `work` goes on; another press meanwhile does nothing. */
export async function whileBusy(control, work) {
  if (control.getAttribute("aria-busy") === "true") return;
  control.setAttribute("aria-busy", "true");
  control.setAttribute("aria-disabled", "true");
  try {
    await work();
  } finally {
    control.removeAttribute("aria-busy");
    control.removeAttribute("aria-disabled");
  }
}
