// What the page costs: its weight, its first paint, and scrolling through 5,000 messages beside 60. Prints, and judges
// nothing: times move with the machine.

import { browse, control, open, start } from "./stage.mjs";

const MESSAGES = 5_000;
const FEW = 60;
const FRAMES = 150;
const TURNS = 4;
const RUNS = 7;
const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const share = (list, part) => [...list].sort((a, b) => a - b)[Math.floor((list.length - 1) * part)];

const paintOf = (page) => page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);

/** A first visit, and a second in the same tab. */
async function visit(browser, url) {
  const { page } = await open(browser, url);
  await page.getByRole("article").last().waitFor();
  const told = await page.evaluate(() => ({
    drawn: performance.now(),
    files: performance.getEntries().filter((one) => one.name.includes("/page/") || one.entryType === "navigation")
      .map(({ transferSize, decodedBodySize }) => [transferSize, decodedBodySize]),
  }));
  const first = await paintOf(page);
  await page.reload();
  await page.getByRole("article").last().waitFor();
  const again = await paintOf(page);
  await page.context().close();
  return { ...told, first, again };
}

/** The same words without style or script: what the browser needs for any page here. */
async function bare(browser, url) {
  const page = await browser.newPage();
  await page.route(/\/page\//, (route) => route.abort());
  await page.goto(url);
  await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
  const paint = await paintOf(page);
  await page.close();
  return paint;
}

/** A channel of this name with so many messages. */
async function fill(url, name, count) {
  const [guild] = await control(url, "/guilds");
  const { people } = await control(url, "/view");
  const { id: channel } = await control(url, `/guilds/${guild.id}/channels`, { name });
  for (let number = 1; number <= count; number += 1) {
    const [user, other] = [people[number % people.length].id, people[(number + 1) % people.length].id];
    const content = `${number}: **signed** with \`Larch & Co\`, thanks to <@${other}>\n> ${"word ".repeat(number % 40)}`;
    await control(url, "/act/message", { user, channel, content });
  }
}

/** Goes up to the first message, as the page loads the earlier ones. */
async function climb(browser, url, name, count) {
  const { page } = await open(browser, `${url}/#${name}`);
  await page.getByRole("article").last().waitFor();
  const loaded = await page.evaluate(async (most) => {
    const scroller = document.querySelector("#scroller");
    const began = performance.now();
    while (document.querySelectorAll("#messages article").length < most) {
      scroller.scrollTop = 0;
      await new Promise(requestAnimationFrame);
    }
    return performance.now() - began;
  }, count);
  return { page, loaded };
}

/** A wheel's turn a frame, down and at the end up again; the time of each frame. */
function scroll(page) {
  return page.evaluate(async (most) => {
    const scroller = document.querySelector("#scroller");
    const frame = () => new Promise(requestAnimationFrame);
    const frames = [];
    let step = 240;
    scroller.scrollTop = 0;
    await frame();
    let before = performance.now();
    while (frames.length < most) {
      const at = scroller.scrollTop;
      scroller.scrollTop += step;
      if (scroller.scrollTop === at) step = -step;
      await frame();
      const now = performance.now();
      frames.push(now - before);
      before = now;
    }
    return frames;
  }, FRAMES);
}

/** Both channels in turns, so that what else the machine does is shared. */
async function compare(many, few) {
  const frames = { many: [], few: [] };
  for (let turn = 0; turn < TURNS; turn += 1) {
    await many.page.bringToFront();
    frames.many.push(...await scroll(many.page));
    await few.page.bringToFront();
    frames.few.push(...await scroll(few.page));
  }
  return frames;
}

const demo = await start("demo");
const ordinary = await browse();
// Frames as fast as they can be drawn: at the screen's pace, what they cost is not seen.
const browser = await browse("--disable-frame-rate-limit", "--disable-gpu-vsync");
try {
  const [visits, bares] = [[], []];
  for (let run = 0; run < RUNS; run += 1) {
    visits.push(await visit(ordinary, demo.url));
    bares.push(await bare(ordinary, demo.url));
  }
  const { files } = visits[0];
  const kilobytes = (which) => `${(files.reduce((all, sizes) => all + sizes[which], 0) / 1024).toFixed(1)} KB`;
  const ms = (of) => `${median(visits.map(of)).toFixed(0)} ms`;
  console.log(`weight       ${kilobytes(0)} over the wire in ${files.length} files, ${kilobytes(1)} unpacked`);
  console.log(`first paint  ${ms(({ first }) => first)}, a second visit ${ms(({ again }) => again)}, bare ${median(bares).toFixed(0)} ms; `
    + `the channel drawn within ${ms(({ drawn }) => drawn)}; medians of ${RUNS}, in turns`);
  await fill(demo.url, "hall", MESSAGES);
  await fill(demo.url, "room", FEW);
  const hall = await climb(browser, demo.url, "hall", MESSAGES);
  const room = await climb(browser, demo.url, "room", FEW);
  const { many, few } = await compare(hall, room);
  const told = (list) => `${share(list, 0.5).toFixed(1)} ms p50, ${share(list, 0.95).toFixed(1)} p95, ${share(list, 0.99).toFixed(1)} p99, ${Math.max(...list).toFixed(1)} longest`;
  console.log(`scrolling    ${MESSAGES} messages, loaded going up in ${(hall.loaded / 1000).toFixed(1)} s; then ${many.length} frames of 240 px each: ${told(many)}`);
  console.log(`             ${FEW} messages: ${told(few)}; ratio of medians ${(median(many) / median(few)).toFixed(2)}`);
} finally {
  await ordinary.close();
  await browser.close();
  await demo.stop();
}
