// The demo's week in a language with longer words, and in one that runs from right to left.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, open, start } from "./stage.mjs";

const SHOTS = process.env.SHOTS;
let browser;

before(async () => { browser = await browse(); });
after(async () => { await browser?.close(); });

for (const language of ["en-US", "en-XA", "ar-XB"]) {
  test(`the week in ${language} fits the page, on a desk and on a phone`, async () => {
    const demo = await start("demo", "--language", language);
    try {
      for (const width of [1280, 390]) {
        const { page, wrong } = await open(browser, demo.url, { width });
        const channels = page.getByRole("navigation", { name: "Channels" });
        if (!(await channels.isVisible())) await page.getByRole("button", { name: /channels/i }).first().click();
        await channels.getByRole("button", { name: "recognition" }).click();
        const messages = page.getByRole("log", { name: "Messages in this channel" }).getByRole("article");
        await messages.last().waitFor();
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `${overflow} pixels stand out at a width of ${width}`);
        if (SHOTS && width > 400 && language !== "ar-XB") await page.screenshot({ path: `${SHOTS}/language-${language}.png` });
        assert.deepEqual(wrong, []);
        await page.context().close();
      }
    } finally {
      await demo.stop();
    }
  });
}
