// The page by itself: hostile text, keyboard, screen readers, small screens, faults.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { browse, control, open, start } from "./stage.mjs";

const AXE = await readFile(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
const HOSTILE = `<script>window.harmed = 1</script><img src="x" onerror="window.harmed = 1">`;
let demo, browser;

before(async () => {
  demo = await start("demo");
  browser = await browse();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const messages = (page) => page.getByRole("log", { name: "Messages in this channel" }).getByRole("article");

async function guild() {
  const [first] = await control(demo.url, "/guilds");
  return { id: first.id, channel: Object.fromEntries(first.channels.map(({ name, id }) => [name, id])) };
}

async function person(name) {
  const { people } = await control(demo.url, "/view");
  return people.find((one) => one.name === name).id;
}

async function post(channel, message) {
  const { token } = await control(demo.url, "");
  const answer = await fetch(`${demo.url}/api/v10/channels/${channel}/messages`, {
    method: "POST", headers: { authorization: `Bot ${token}`, "content-type": "application/json" }, body: JSON.stringify(message),
  });
  return answer.status;
}

/** What axe finds against WCAG 2.1 A and AA, in a line each. */
async function barriers(page) {
  // The page's policy lets no script in but its own; the debugger may.
  await page.evaluate(AXE);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")} ${node.failureSummary}`));
  });
}

test("what people and bots write is text, whatever it looks like", async () => {
  const { id } = await guild();
  const hall = await control(demo.url, `/guilds/${id}/channels`, { name: HOSTILE });
  const eve = await control(demo.url, `/guilds/${id}/people`, { username: "eve", display_name: HOSTILE });
  await control(demo.url, "/act/message", { user: eve.id, channel: hall.id, content: `${HOSTILE} [x](javascript:harmed=1)` });
  await post(hall.id, {
    content: HOSTILE,
    embeds: [{
      title: HOSTILE, description: HOSTILE, url: "https://a.example/", author: { name: HOSTILE }, footer: { text: HOSTILE },
      fields: [{ name: HOSTILE, value: HOSTILE }], image: { url: "https://elsewhere.example/a.png" },
    }],
    components: [{ type: 1, components: [{ type: 2, style: 1, label: HOSTILE.slice(0, 80), custom_id: "a" }] }],
  });
  const { page, wrong } = await open(browser, demo.url);
  await page.getByRole("navigation", { name: "Channels" }).getByRole("button", { name: "<script>" }).click();
  await messages(page).nth(1).getByText("<script>").first().waitFor();
  assert.equal(await page.evaluate(() => globalThis.harmed), undefined);
  assert.equal(await messages(page).locator("script, img[onerror], a[href^='javascript']").count(), 0);
  assert.deepEqual(wrong, [], "and the image elsewhere was not asked for");
});

test("a win is logged with the keyboard alone", async () => {
  const { page, wrong } = await open(browser, `${demo.url}/#general`);
  await page.getByRole("textbox", { name: "Message #general" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.type("/win log");
  await page.keyboard.press("Enter");
  await page.getByRole("group", { name: "Command" }).waitFor();
  await page.keyboard.type("customer");
  await page.keyboard.press("Enter");
  await page.keyboard.type("Marsh & Sons");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await messages(page).filter({ hasText: "Logged a win with Marsh & Sons" }).waitFor();
  assert.deepEqual(wrong, []);
});

test("who is quicker than the list of commands begins the one that was typed", async () => {
  const { page } = await open(browser, demo.url);
  await page.route("**/commands?as=*", async (route) => {
    await new Promise((done) => setTimeout(done, 700));
    await route.continue();
  });
  await page.goto(`${demo.url}/?slow#wins`);
  await page.getByRole("textbox", { name: "Message #wins" }).fill("/win log");
  await page.keyboard.press("Enter");
  await page.getByRole("group", { name: "Command" }).getByText("/win log").waitFor();
});

test("what is posted while a channel is loading is there", async () => {
  const { channel } = await guild();
  const { page } = await open(browser, `${demo.url}/#general`);
  await page.getByRole("textbox", { name: "Message #general" }).waitFor();
  await page.route(`**/channels/${channel.wins}/messages?*`, async (route) => {
    // Answered before the post, and read after it.
    const response = await route.fetch();
    await post(channel.wins, { content: "Posted meanwhile" });
    await new Promise((done) => setTimeout(done, 500));
    await route.fulfill({ response });
  });
  const loaded = page.waitForResponse(`**/channels/${channel.wins}/messages?*`);
  await page.getByRole("navigation", { name: "Channels" }).getByRole("button", { name: "wins" }).click();
  await (await loaded).finished();
  await page.locator("#messages:not([aria-busy])").waitFor();
  assert.match(await messages(page).last().innerText(), /Posted meanwhile/);
});

test("a form opens on a message, keeps what is typed, and is sent", async () => {
  const { channel } = await guild();
  await control(demo.url, "/act/message", { user: await person("Ana"), channel: channel.general, content: "Signed, $2,300 with Fern Ltd" });
  const { page, wrong } = await open(browser, `${demo.url}/#general`);
  const mine = messages(page).filter({ hasText: "Signed, $2,300" });
  await mine.hover();
  await mine.getByRole("button", { name: "More about this message" }).click();
  await page.getByRole("menuitem", { name: "Log as a win" }).click();
  const form = page.getByRole("dialog", { name: "Log as a win" });
  assert.equal(await form.getByLabel("Amount").inputValue(), "$2,300");
  await form.getByLabel("Type of deal").fill("x".repeat(41));
  assert.equal((await form.getByLabel("Type of deal").inputValue()).length <= 41, true);
  await form.getByLabel("Type of deal").fill("renewal");
  await form.getByRole("button", { name: "Submit" }).click();
  await messages(page).filter({ hasText: "$2,300 from Fern Ltd" }).waitFor();
  assert.deepEqual(wrong, []);
});

test("a taken suggestion leads on, and a command begun is kept for whom it is", async () => {
  const { page, wrong } = await open(browser, `${demo.url}/#general`);
  const be = async (label, name) => {
    await page.getByLabel("I am").selectOption({ label });
    await page.getByRole("button", { name: `${name} you` }).waitFor();
  };
  const begun = page.getByRole("group", { name: "Command" });
  await be("Maya (manager)", "Maya");
  await page.getByRole("textbox", { name: "Message #general" }).fill("/win log amount:9k");
  await begun.waitFor();
  await be("Ana", "Ana");
  assert.equal(await begun.getByLabel("amount").inputValue(), "9k");
  await page.getByRole("button", { name: "Cancel" }).click();

  await be("Maya (manager)", "Maya");
  await page.getByRole("textbox", { name: "Message #general" }).fill("/goal set");
  await page.getByRole("option", { name: "/goal set" }).click();
  await page.getByRole("option", { name: "revenue" }).click();
  assert.equal(await page.evaluate(() => document.activeElement.value), "", "the next required field has the focus");
  assert.deepEqual(wrong, []);
});

test("a fault is switched on, met once, and seen", async () => {
  const { channel } = await guild();
  const { page } = await open(browser, `${demo.url}/#wins`);
  await page.getByRole("button", { name: "Inspector" }).click();
  await page.getByRole("tab", { name: "Faults" }).click();
  const broken = page.getByRole("switch", { name: "500 Internal Server Error" });
  await broken.click();
  await page.waitForFunction(() => document.querySelector("[role=switch][aria-checked=true]"));
  assert.equal(await post(channel.wins, { content: "is it on?" }), 500);
  await page.getByRole("tab", { name: "Traffic" }).click();
  await page.getByRole("tabpanel", { name: "Traffic" }).getByText("500 Internal Server Error").first().waitFor();
  assert.equal((await control(demo.url, "/faults")).length, 0, "once was asked for, and once it was");
  assert.equal(await post(channel.wins, { content: "is it off?" }), 200);
});

for (const [name, options] of Object.entries({
  "in the light": {}, "in the dark": { scheme: "dark" }, "on a phone": { width: 375, height: 740 },
})) {
  test(`axe finds no barrier ${name}`, async () => {
    const { page, wrong } = await open(browser, `${demo.url}/#recognition`, options);
    await messages(page).last().waitFor();
    const found = await barriers(page);
    if (options.width) {
      for (const pane of ["Channels", "People", "Clock"]) {
        await page.getByRole("navigation", { name: "Panes" }).getByRole("button", { name: pane }).click();
        found.push(...await barriers(page));
        await page.keyboard.press("Escape");
      }
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 375, "nothing sticks out");
    } else {
      await page.getByRole("button", { name: "Inspector" }).click();
      found.push(...await barriers(page));
    }
    assert.deepEqual(found, []);
    assert.deepEqual(wrong, []);
  });
}
