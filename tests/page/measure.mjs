// What the page costs: its weight, its first paint, and scrolling through 5,000 messages. Prints, and judges nothing:
// times move with the machine.

import { browse, control, open, start } from "./stage.mjs";

const MESSAGES = 5_000;
const RUNS = 7;
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const share = (list, part) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * part)];

async function firstPaint(browser, url) {
  const { page } = await open(browser, url);
  await page.getByRole("article").last().waitFor();
  const told = await page.evaluate(() => ({
    paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
    drawn: performance.now(),
    files: performance.getEntries().filter((one) => one.name.includes("/page/") || one.entryType === "navigation")
      .map(({ transferSize, decodedBodySize }) => [transferSize, decodedBodySize]),
  }));
  await page.context().close();
  return told;
}

async function fill(url) {
  const [guild] = await control(url, "/guilds");
  const { people } = await control(url, "/view");
  const hall = await control(url, `/guilds/${guild.id}/channels`, { name: "hall" });
  for (let number = 1; number <= MESSAGES; number += 1) {
    const content = `${number}: **signed** with \`Larch & Co\`, thanks to <@${people[number % people.length].id}>\n> ${"word ".repeat(number % 40)}`;
    await control(url, "/act/message", { user: people[number % people.length].id, channel: hall.id, content });
  }
}

/** Goes up to the first message, as the page loads the earlier ones, and then down again a wheel's turn a frame. */
async function scroll(browser, url) {
  const { page } = await open(browser, `${url}/#hall`);
  await page.getByRole("article").last().waitFor();
  return page.evaluate(async (most) => {
    const scroller = document.querySelector("#scroller");
    const frame = () => new Promise(requestAnimationFrame);
    const count = () => document.querySelectorAll("#messages article").length;
    const began = performance.now();
    while (count() < most) {
      scroller.scrollTop = 0;
      await frame();
    }
    const loaded = performance.now() - began;
    const frames = [];
    scroller.scrollTop = 0;
    await frame();
    let before = performance.now();
    while (frames.length < 600) {
      scroller.scrollTop += 240;
      await frame();
      const now = performance.now();
      frames.push(now - before);
      before = now;
    }
    return { messages: count(), loaded, frames };
  }, MESSAGES);
}

const demo = await start("demo");
const browser = await browse();
try {
  const paints = [];
  for (let run = 0; run < RUNS; run += 1) paints.push(await firstPaint(browser, demo.url));
  const sum = (which) => paints[0].files.reduce((all, sizes) => all + sizes[which], 0);
  console.log(`weight       ${(sum(0) / 1024).toFixed(1)} KB over the wire in ${paints[0].files.length} files, ${(sum(1) / 1024).toFixed(1)} KB unpacked`);
  console.log(`first paint  ${median(paints.map(({ paint }) => paint)).toFixed(0)} ms, median of ${RUNS}; the channel drawn within ${median(paints.map(({ drawn }) => drawn)).toFixed(0)} ms`);
  await fill(demo.url);
  const { messages, loaded, frames } = await scroll(browser, demo.url);
  console.log(`scrolling    ${messages} messages, loaded going up in ${(loaded / 1000).toFixed(1)} s; then ${frames.length} frames of 240 px each:`);
  console.log(`             ${share(frames, 0.5).toFixed(1)} ms p50, ${share(frames, 0.95).toFixed(1)} p95, ${share(frames, 0.99).toFixed(1)} p99, ${Math.max(...frames).toFixed(1)} longest`);
} finally {
  await browser.close();
  await demo.stop();
}
