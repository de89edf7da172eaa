// The page with a bot that is played here, by plain calls: what a bot can answer, and what a person sees of it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browse, control, open, start } from "./stage.mjs";

const EPHEMERAL = 64;
const FILE = Buffer.from([0, 1, 2, 250, 255]);
let sandbox, browser, token, application, guild, page, wrong;
let heard = 0;

before(async () => {
  sandbox = await start("sandbox");
  browser = await browse();
  const summary = await control(sandbox.url, "");
  token = summary.token;
  application = summary.application_id;
  ({ page, wrong } = await open(browser, sandbox.url));
  await page.getByRole("button", { name: "Make a server with four people" }).click();
  await page.getByRole("textbox", { name: "Message #general" }).waitFor();
  [guild] = await control(sandbox.url, "/guilds");
  const option = (type, name, more) => ({ type, name, description: `The ${name}`, required: true, ...more });
  await rest("PUT", `/applications/${application}/commands`, [
    { name: "ask", description: "Asks for something" },
    { name: "secret", description: "For managers", default_member_permissions: "32" },
    { name: "send", description: "Takes a file", options: [option(11, "file")] },
    { name: "Greet", type: 2 },
    { name: "Quote", type: 3 },
  ]);
});
after(async () => {
  await browser?.close();
  await sandbox?.stop();
});

async function rest(method, path, body) {
  const headers = { authorization: `Bot ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${sandbox.url}/api/v10${path}`, { method, headers, body: JSON.stringify(body) });
  const told = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${told}`);
  return told === "" ? null : JSON.parse(told);
}

/** The next interaction that the bot is told of. */
async function interaction() {
  for (let tries = 0; tries < 200; tries += 1) {
    const log = await control(sandbox.url, `/log?after=${heard}`);
    const found = log.find(({ event }) => event === "INTERACTION_CREATE");
    if (found) {
      heard = found.seq;
      return found.data;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("the bot was told of no interaction");
}

const answer = ({ id, token: secret }, type, data) =>
  rest("POST", `/interactions/${id}/${secret}/callback`, { type, data });
const fill = ({ token: secret }, data) => rest("PATCH", `/webhooks/${application}/${secret}/messages/@original`, data);
const row = (...components) => ({ type: 1, components });

const messages = () => page.getByRole("log", { name: "Messages in this channel" }).getByRole("article");
const last = () => messages().last();
const box = () => page.getByRole("textbox", { name: "Message #general" });
const become = (label) => page.getByLabel("I am").selectOption({ label });

async function ask(command = "ask") {
  await box().fill(`/${command}`);
  await page.getByRole("option", { name: `/${command}` }).click();
  await page.getByRole("button", { name: "Send" }).click();
  return interaction();
}

async function more(message, item) {
  await message.hover();
  await message.getByRole("button", { name: "More about this message" }).click();
  await page.getByRole("menuitem", { name: item, exact: true }).click();
}

test("four people are made, and a manager's command is not the others'", async () => {
  const { people } = await control(sandbox.url, "/view");
  assert.deepEqual(people.map(({ name }) => name).sort(), ["Ana", "Ben", "Cleo", "Maya"]);
  await become("Maya (manager)");
  await box().fill("/");
  await page.getByRole("option", { name: "/secret" }).click();
  const begun = page.getByRole("group", { name: "Command" });
  await begun.waitFor();
  await become("Ana");
  await begun.waitFor({ state: "hidden" });
  await box().fill("/");
  await page.getByRole("option", { name: "/ask" }).waitFor();
  assert.equal(await page.getByRole("option", { name: "/secret" }).count(), 0);
  await box().fill("");
});

test("a promise is seen, and what it is filled with; a secret one stays dismissed", async () => {
  const asked = await ask();
  await answer(asked, 5, { flags: EPHEMERAL });
  await last().getByText("is thinking").waitFor();
  await fill(asked, { content: "At last" });
  await last().getByText("At last").waitFor();
  await rest("POST", `/webhooks/${application}/${asked.token}`, { content: "And for **everyone**" });
  await last().getByText("And for everyone").waitFor();
  const secret = messages().filter({ hasText: "At last" });
  await secret.getByRole("button", { name: "Dismiss" }).click();
  await page.reload();
  await messages().filter({ hasText: "And for everyone" }).waitFor();
  assert.equal(await secret.count(), 0);
});

test("people, roles, both and channels are chosen in a message", async () => {
  const select = (type, name, rest) => row({ type, custom_id: name, placeholder: name, ...rest });
  const asked = await ask();
  await answer(asked, 4, {
    content: "Choose",
    components: [
      select(5, "people", { min_values: 1, max_values: 2, default_values: [{ id: asked.member.user.id, type: "user" }] }),
      select(6, "roles"),
      select(7, "either"),
      select(8, "channels", { channel_types: [0] }),
    ],
  });
  const shown = messages().filter({ hasText: "Choose" }).last();
  await shown.getByText("people", { exact: true }).click();
  assert.equal(await shown.getByLabel(/^Ana/).isChecked(), true, "the bot's default");
  await shown.getByLabel(/^Ben/).check();
  assert.equal(await shown.getByLabel(/^Cleo/).isDisabled(), true, "two at most");
  await shown.getByRole("button", { name: "Apply" }).click();
  const people = await interaction();
  assert.equal(people.data.values.length, 2);
  await answer(people, 6);
  for (const [name, part] of [["roles", "roles"], ["either", "users"], ["channels", "channels"]]) {
    await shown.getByRole("combobox", { name }).selectOption({ index: 1 });
    const chosen = await interaction();
    assert.ok(chosen.data.resolved[part][chosen.data.values[0]], name);
    await answer(chosen, 6);
  }
});

test("a form keeps what was written until the bot takes it", async () => {
  const label = (name, component) => ({ type: 18, label: name, component });
  const options = ["Mon", "Tue", "Wed"].map((value) => ({ label: value, value }));
  await answer(await ask(), 9, {
    custom_id: "form", title: "Plan",
    components: [
      { type: 10, content: "For **everyone**" },
      label("Name", { type: 4, custom_id: "name", style: 1, min_length: 3, max_length: 5 }),
      label("Days", { type: 3, custom_id: "days", min_values: 2, max_values: 2, options }),
    ],
  });
  const form = page.getByRole("dialog", { name: "Plan" });
  await form.locator("strong", { hasText: "everyone" }).waitFor();
  await form.getByLabel("Name").fill("ab");
  await form.getByLabel("Mon").check();
  await form.getByRole("button", { name: "Submit" }).click();
  await form.getByText("At least 3 characters").waitFor();
  await form.getByText("Choose at least 2.").waitFor();
  await form.getByLabel("Name").fill("abcd");
  await form.getByLabel("Tue").check();
  await form.getByRole("button", { name: "Submit" }).click();
  const refused = await interaction();
  await assert.rejects(answer(refused, 4, { content: "x".repeat(2001) }), /50035/);
  await form.getByText(/refused.*2000 or fewer.*What you wrote is still here/).waitFor();
  await form.getByRole("button", { name: "Submit" }).click();
  const sent = await interaction();
  await answer(sent, 4, { content: "Planned" });
  await messages().filter({ hasText: "Planned" }).waitFor();
  const inputs = sent.data.components.map(({ component }) => component).filter(Boolean);
  assert.deepEqual(inputs.map(({ value, values }) => value ?? values), ["abcd", ["Mon", "Tue"]]);
});

test("a file reaches the bot as it is", async () => {
  await box().fill("/send");
  await page.getByRole("option", { name: "/send" }).click();
  await page.getByLabel("file").setInputFiles({ name: "bytes.bin", mimeType: "application/octet-stream", buffer: FILE });
  await page.getByRole("button", { name: "Send" }).click();
  const asked = await interaction();
  const [file] = Object.values(asked.data.resolved.attachments);
  assert.deepEqual(Buffer.from(await (await fetch(file.url)).arrayBuffer()), FILE);
  await answer(asked, 4, { content: "Got it" });
  await messages().filter({ hasText: "Got it" }).waitFor();
});

test("menus, a reply that names people, and a reaction", async () => {
  await box().fill("Hi");
  await page.keyboard.press("Enter");
  await more(messages().filter({ hasText: "Hi" }).last(), "Quote");
  const quoted = await interaction();
  await answer(quoted, 4, { content: `<@${quoted.member.user.id}> said so` });
  await last().getByText("said so").waitFor();
  await more(last(), "Reply");
  await page.keyboard.type("Indeed");
  await page.keyboard.press("Enter");
  await last().getByText("Indeed").waitFor();
  const reply = last().getByRole("button", { name: /Bellringer ?: @Ana said so/ });
  assert.ok((await reply.boundingBox()).height >= 24);
  await more(last(), "Add reaction");
  await page.getByLabel("Another emoji").fill("🦊");
  await page.keyboard.press("Enter");
  await last().getByRole("button", { name: "🦊", pressed: true }).waitFor();
  await page.getByRole("complementary", { name: "People" }).getByRole("button", { name: "Ben" }).click();
  await page.getByRole("menuitem", { name: "Greet" }).click();
  const greeted = await interaction();
  assert.equal(greeted.data.resolved.users[greeted.data.target_id].global_name, "Ben");
  await answer(greeted, 4, { content: "Hello" });
});

test("another server is made, entered, and found again", async () => {
  const channels = page.getByRole("navigation", { name: "Channels" });
  await channels.getByRole("button", { name: "+ server" }).click();
  await channels.getByLabel("Server name").fill("Second");
  await page.keyboard.press("Enter");
  await channels.getByRole("region", { name: "Second" }).getByRole("button", { name: "general" }).click();
  await page.getByText("Managers · 1").waitFor();
  await page.reload();
  await channels.getByRole("region", { name: "Second" }).getByRole("button", { name: "general" }).and(page.locator("[aria-current]")).waitFor();
  assert.deepEqual(wrong, []);
});
