// A newcomer's first quarter of an hour: a rep logs a win, the manager sets a goal, Monday comes, and Friday.

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { browse, open, start } from "./stage.mjs";

const SHOTS = process.env.SHOTS;
let demo, browser;

before(async () => {
  demo = await start("demo");
  browser = await browse();
  if (SHOTS) await mkdir(SHOTS, { recursive: true });
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function shot(page, name) {
  if (!SHOTS) return;
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${SHOTS}/${name}-${colorScheme}.png` });
  }
  await page.emulateMedia({ colorScheme: "light" });
}

const messages = (page) => page.getByRole("log", { name: "Messages in this channel" }).getByRole("article");
const last = (page) => messages(page).last();
const box = (page, channel) => page.getByRole("textbox", { name: `Message #${channel}` });
const goTo = (page, channel) => page.getByRole("navigation", { name: "Channels" }).getByRole("button", { name: channel }).click();
const become = (page, who) => page.getByLabel("I am").selectOption({ label: who });

test("a newcomer rings the bell, sets a goal, and sees the week come round", async () => {
  const { page, wrong } = await open(browser, demo.url);
  await become(page, "Ana");
  await goTo(page, "general");

  // A win, with a kind that the bot suggests.
  await box(page, "general").fill("/win");
  await page.getByRole("option", { name: "/win log" }).click();
  await page.getByRole("button", { name: "amount" }).click();
  await page.keyboard.type("8.4k");
  await page.getByRole("button", { name: "customer" }).click();
  await page.keyboard.type("Kestrel Foods");
  await page.getByRole("button", { name: "kind" }).click();
  await page.keyboard.type("re");
  await page.getByRole("option", { name: "renewal" }).waitFor();
  await shot(page, "1-command");
  await page.getByRole("option", { name: "renewal" }).click();
  await page.getByRole("button", { name: "Send" }).click();
  await last(page).getByText("$8,400 from Kestrel Foods").waitFor();
  assert.match(await last(page).innerText(), /Only you can see this/);

  await goTo(page, "wins");
  await last(page).getByText("Ana closed $8,400 with Kestrel Foods").waitFor();
  await shot(page, "2-bell");

  // What Ana alone saw is not there for the manager.
  await goTo(page, "general");
  await become(page, "Maya (manager)");
  await messages(page).filter({ hasText: "anyone with Manage Server" }).waitFor();
  assert.equal(await messages(page).filter({ hasText: "$8,400 from Kestrel Foods" }).count(), 0);

  await box(page, "general").fill("/goal set");
  await page.getByRole("option", { name: "/goal set" }).click();
  await page.keyboard.type("revenue");
  await page.getByRole("option", { name: "revenue" }).click();
  await page.keyboard.type("60k");
  await page.getByRole("button", { name: "everyone" }).click();
  await page.getByRole("option", { name: "True" }).click();
  await page.getByRole("button", { name: "Send" }).click();
  await last(page).getByText("Goal set", { exact: true }).waitFor();

  // Monday.
  await page.getByRole("button", { name: /Next post.*Mon 09:00/ }).click();
  await goTo(page, "expectations");
  await last(page).getByText("Next step and date on every open deal").waitFor();
  await become(page, "Ana");
  await last(page).getByRole("button", { name: "I've got it" }).click();
  await messages(page).filter({ hasText: "Only you can see this" }).last().waitFor();
  await shot(page, "3-monday");

  // Something to lead with, and Friday.
  await goTo(page, "general");
  await box(page, "general").fill("/win log amount:9k customer:Corvid Media");
  await page.getByRole("button", { name: "Send" }).click();
  await last(page).getByText("$9,000 from Corvid Media").waitFor();
  await page.getByRole("button", { name: /Next post.*Fri 16:00/ }).click();
  await goTo(page, "recognition");
  await last(page).getByText("Revenue, week of Apr 13").waitFor();
  assert.match(await last(page).innerText(), /Ana.*\$9,000/s);
  await shot(page, "4-friday");
  assert.deepEqual(wrong, []);
});
