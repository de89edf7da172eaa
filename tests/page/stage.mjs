// A demo to hold, and a browser to hold it with.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

const ROOT = new URL("../..", import.meta.url).pathname;
const BINARY = process.env.BELLRINGER ?? `${ROOT}target/debug/bellringer`;
const BROWSERS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Starts `bellringer` with these arguments, and waits until it says where it is. */
export async function start(...args) {
  const child = spawn(BINARY, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /(?:be any of them|A local Discord is running) at (http:\/\/[\d.:]*\d)/.exec(line)?.[1];
    if (!url) continue;
    child.stdout.resume();
    return { url, stop: async () => { child.kill("SIGINT"); await ended; } };
  }
  throw new Error(`${BINARY} ${args.join(" ")} ended before it said where it is`);
}

/** A browser; with `flags` of its own. */
export async function browse(...flags) {
  const executablePath = process.env.CHROMIUM ?? BROWSERS.find((path) => existsSync(path));
  if (!executablePath) throw new Error("No Chromium found: install it (Debian: apt install chromium), or set CHROMIUM.");
  return chromium.launch({ executablePath, args: ["--no-sandbox", ...flags] });
}

/** A page that fails its test when a script does, or when it asks for anything elsewhere. */
export async function open(browser, url, { width = 1280, height = 800, scheme = "light" } = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: scheme, locale: "en-GB", timezoneId: "Europe/Berlin", reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const wrong = [];
  page.on("pageerror", (error) => wrong.push(error.message));
  page.on("console", (line) => line.type() === "error" && wrong.push(line.text()));
  page.on("request", (request) => request.url().startsWith(new URL(url).origin) || wrong.push(`asks for ${request.url()}`));
  page.setDefaultTimeout(10_000);
  await page.goto(url);
  return { page, wrong };
}

export async function control(url, path, body) {
  const options = body && { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(`${url}/sandbox${path}`, options);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}
