// What the page makes of a message, and what the inspector says of an entry of the log.

import assert from "node:assert/strict";
import { test } from "node:test";

import { context, install } from "./fake_dom.mjs";

install();
const { renderMessage } = await import("../../src/sandbox/page/message.js");
const { errorLeaves, explain } = await import("../../src/sandbox/page/explain.js");
const { fileSize } = await import("../../src/sandbox/page/media.js");
const { localPath } = await import("../../src/sandbox/page/safe.js");

const ANA = { id: "1", username: "ana", global_name: "Ana" };
const BOT = { id: "7", username: "Bellringer", bot: true };
const message = (more = {}) => ({
  id: "100",
  channel_id: "9",
  author: ANA,
  content: "Hello",
  timestamp: "2026-04-10T14:32:00Z",
  edited_timestamp: null,
  embeds: [],
  attachments: [],
  components: [],
  flags: 0,
  type: 0,
  mentions: [],
  ...more,
});
const row = (...components) => ({ components: [{ type: 1, components }] });
const press = async (shown, text) =>
  shown
    .byTag("button")
    .find((node) => node.textContent.includes(text))
    .fire("click");

test("a message says who and when, and is named by that", () => {
  const shown = renderMessage(message({ author: BOT, edited_timestamp: "2026-04-10T14:40:00Z" }), context());
  assert.equal(shown.tag, "li");
  assert.equal(shown.attributes["data-id"], "100");
  const head = shown.find(
    (node) => node.attributes.id === shown.byTag("article")[0].attributes["aria-labelledby"],
  );
  assert.equal(head.textContent, "BellringerAPP 10:32");
  assert.equal(shown.byClass("edited")[0].textContent, "(edited)");
});

test("a grouped one has its header for screen readers only, with nothing to press in it", () => {
  const shown = renderMessage(message(), context({ grouped: true }));
  assert.ok(shown.className.includes("grouped"));
  const [head] = shown.byClass("unseen");
  assert.equal(head.textContent, "Ana 10:32");
  assert.deepEqual(head.byTag("button"), []);
});

test("it stands out when it speaks to me", () => {
  assert.ok(renderMessage(message({ mentions: [{ id: "2" }] }), context()).className.includes("pings-me"));
  assert.ok(renderMessage(message({ mention_everyone: true }), context()).className.includes("pings-me"));
  assert.ok(!renderMessage(message({ mentions: [{ id: "3" }] }), context()).className.includes("pings-me"));
});

test("an answer says to what", async () => {
  const ctx = context();
  const used = renderMessage(
    message({ interaction_metadata: { type: 2, name: "win log", command_type: 1, user: ANA } }),
    ctx,
  );
  assert.equal(used.byClass("message-above")[0].textContent, "Ana used /win log");
  const reply = renderMessage(
    message({
      message_reference: { message_id: "50", channel_id: "9" },
      referenced_message: message({ id: "50" }),
    }),
    ctx,
  );
  await reply.byClass("message-reply")[0].fire("click");
  assert.deepEqual(ctx.calls, [["onJump", "9", "50"]]);
  const gone = renderMessage(
    message({ message_reference: { message_id: "50" }, referenced_message: null }),
    ctx,
  );
  assert.match(gone.textContent, /is gone/);
  const reference = { message_id: "50" };
  const unknown = renderMessage(message({ message_reference: reference }), ctx);
  assert.match(unknown.textContent, /an earlier message/);
  const messageOf = (id) => message({ id, content: "Hi <@1>, all" });
  const found = renderMessage(message({ message_reference: reference }), { ...ctx, messageOf });
  assert.match(found.byClass("message-reply")[0].textContent, /Ana: Hi @Ana, all$/);
});

test("what only I see can be dismissed; what is awaited says so", async () => {
  const ctx = context();
  const shown = renderMessage(message({ author: BOT, content: "", flags: 64 | 128 }), ctx);
  assert.match(shown.textContent, /Bellringer is thinking…/);
  assert.match(shown.textContent, /Only you can see this/);
  await press(shown, "Dismiss");
  assert.equal(ctx.calls[0][0], "onDismiss");
});

test("an embed has its parts, and three inline fields a row", () => {
  const field = (name, inline) => ({ name, value: name, inline });
  const embed = {
    color: 255,
    title: "T",
    url: "https://x.y",
    description: "**d**",
    author: { name: "A" },
    footer: { text: "F" },
    timestamp: "2026-04-09T12:00:00Z",
    fields: [field("a", true), field("b", true), field("c", true), field("d", true), field("e", false)],
  };
  const shown = renderMessage(message({ embeds: [embed] }), context());
  const [part] = shown.byClass("embed");
  assert.equal(part.vars["--bar"], "#0000ff");
  assert.deepEqual(
    part.byClass("embed-field").map((node) => node.className.at(-1)),
    ["3", "3", "3", "1", "1"],
  );
  assert.equal(part.byClass("embed-footer")[0].textContent, "F · Yesterday 08:00");
  assert.equal(part.byTag("a")[0].attributes.href, "https://x.y/");
});

test("only this machine's pictures are loaded", () => {
  assert.equal(localPath("http://127.0.0.1:8077/sandbox/files/1/a.png"), "/sandbox/files/1/a.png");
  assert.equal(localPath("http://localhost:8077/x"), "/x");
  for (const url of [
    "http://127.0.0.1:80/x",
    "https://127.0.0.1:8077/x",
    "http://127.0.0.1.evil:8077/x",
    "//evil/x",
    "data:image/png,x",
    "javascript:1",
    "x.png",
    "",
  ]) {
    assert.equal(localPath(url), null, url);
  }
  const file = (url) => ({ id: "1", filename: "a.png", content_type: "image/png", url, size: 5 });
  const shown = renderMessage(
    message({ attachments: [file("/sandbox/files/1/a.png"), file("https://cdn.example/a.png")] }),
    context(),
  );
  assert.deepEqual(
    shown.byTag("img").map((node) => node.attributes.src),
    ["/sandbox/files/1/a.png"],
  );
  assert.equal(shown.byTag("img")[0].attributes.alt, "a.png");
  assert.match(shown.byClass("elsewhere")[0].textContent, /image at cdn\.example\/a\.png; not loaded/);
});

test("nothing in a message becomes a link to a script", () => {
  const bad = "javascript:alert(1)";
  const shown = renderMessage(
    message({
      embeds: [
        {
          title: "t",
          url: bad,
          author: { name: "a", url: bad, icon_url: bad },
          image: { url: bad },
          thumbnail: { url: bad },
        },
      ],
      attachments: [{ id: "1", filename: "f", url: bad, size: 1 }],
      ...row({ type: 2, style: 5, label: "l", url: bad }),
    }),
    context(),
  );
  assert.deepEqual(shown.byTag("a"), []);
});

test("a button is busy until it is answered, and not pressed twice meanwhile", async () => {
  let answer;
  let pressed = 0;
  const onButton = () => {
    pressed += 1;
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
  const shown = renderMessage(
    message(row({ type: 2, style: 1, label: "Yes", custom_id: "yes" })),
    context({ onButton }),
  );
  const [button] = shown.byClass("control");
  const done = button.fire("click");
  assert.equal(button.attributes["aria-busy"], "true");
  await button.fire("click");
  answer();
  await done;
  assert.equal(pressed, 1);
  assert.ok(!button.hasAttribute("aria-busy"));
});

test("a choice of one and a choice of many", async () => {
  const ctx = context();
  const options = ["a", "b", "c"].map((value) => ({ label: value.toUpperCase(), value }));
  const one = renderMessage(
    message(row({ type: 3, custom_id: "s", placeholder: "Pick", options })),
    ctx,
  ).byTag("select")[0];
  assert.equal(one.attributes["aria-label"], "Pick");
  one.value = "b";
  await one.fire("change");
  assert.deepEqual(ctx.calls.pop().at(-1), ["b"]);

  const many = renderMessage(
    message(row({ type: 3, custom_id: "s", min_values: 1, max_values: 2, options })),
    ctx,
  );
  const boxes = many.byTag("input");
  const [opened] = many.byTag("details");
  const [apply] = opened.byTag("button");
  assert.equal(opened.byTag("legend")[0].textContent, "Choose 1 to 2");
  assert.equal(apply.disabled, true);
  boxes[0].checked = true;
  boxes[2].checked = true;
  await opened.byTag("fieldset")[0].fire("change");
  await opened.fire("change");
  assert.equal(apply.disabled, false);
  assert.equal(boxes[1].disabled, true);
  await apply.fire("click");
  assert.deepEqual(ctx.calls.pop().at(-1), ["a", "c"]);
});

test("a choice of people is built from those that are told", () => {
  const select = { type: 5, custom_id: "p", placeholder: "Who" };
  assert.match(
    renderMessage(message(row(select)), context()).textContent,
    /A choice of people is not shown here/,
  );
  const shown = renderMessage(
    message(row(select)),
    context({ options: () => [{ value: "1", label: "Ana" }] }),
  );
  assert.deepEqual(
    shown.byTag("option").map((node) => node.textContent),
    ["Who", "Ana"],
  );
});

test("a reaction is kept as pressed by whom it was pressed", async () => {
  const given = message({ id: "200", reactions: [{ emoji: { name: "🎉", id: null }, count: 1, me: true }] });
  const ctx = context();
  const [before] = renderMessage(given, ctx).byClass("reaction");
  assert.equal(before.attributes["aria-pressed"], "false");
  await before.fire("click");
  assert.deepEqual(ctx.calls[0].slice(2), ["🎉", false]);
  assert.equal(renderMessage(given, ctx).byClass("reaction")[0].attributes["aria-pressed"], "true");
  const refused = context({ onReact: async () => false });
  await renderMessage({ ...given, id: "201" }, refused).byClass("reaction")[0].fire("click");
  const again = renderMessage({ ...given, id: "201" }, refused).byClass("reaction")[0];
  assert.equal(again.attributes["aria-pressed"], "false", "what was refused is put back");
  assert.equal(
    renderMessage(given, context({ me: "1" })).byClass("reaction")[0].attributes["aria-pressed"],
    "false",
  );
});

test("what can't be shown is named", () => {
  const shown = renderMessage(
    message({
      content: "",
      type: 7,
      flags: 1 << 15,
      poll: { question: { text: "Lunch?" } },
      sticker_items: [{ name: "Wave" }],
      components: [{ type: 17 }],
    }),
    context(),
  );
  assert.equal(shown.byClass("not-shown").length, 4);
});

test("sizes are told in short", () => {
  assert.deepEqual([12, 20_480, 3_500_000].map(fileSize), ["12 bytes", "20.5 kB", "3.5 MB"]);
});

test("broken limits are told with their place", () => {
  const errors = {
    embeds: {
      0: {
        fields: {
          2: {
            name: { _errors: [{ code: "BASE_TYPE_MAX_LENGTH", message: "Must be 256 or fewer in length." }] },
          },
        },
      },
    },
  };
  assert.deepEqual(errorLeaves(errors), [
    { where: "embeds[0].fields[2].name", message: "Must be 256 or fewer in length." },
  ]);
  const said = explain({
    kind: "rest",
    method: "POST",
    route: "POST /channels/{id}/messages",
    path: "/api/v10/channels/9/messages",
    status: 400,
    response: { code: 50035, message: "Invalid Form Body", errors },
  });
  assert.equal(said.what, "POST /channels/9/messages");
  assert.equal(said.state, "400 Bad Request");
  assert.ok(said.limit && said.isError);
  assert.equal(said.broken.length, 1);
});

test("a wait is told with whose limit it is; one made on purpose is none", () => {
  const entry = {
    kind: "rest",
    method: "POST",
    route: "POST /x",
    status: 429,
    response: { retry_after: 0.5 },
    limit: { scope: "user", bucket: "abc", retry_after: 0.5 },
  };
  assert.deepEqual(explain(entry).broken, [
    { where: "bucket abc", message: "the bot's own limit, again in 0.5 s" },
  ]);
  const purpose = explain({ ...entry, fault: "429" });
  assert.equal(purpose.onPurpose, "on purpose: told to wait: the bot's own limit, again in 0.5 s");
  assert.deepEqual(purpose.broken, []);
  const lost = explain({ kind: "rest", method: "GET", path: "/x", status: 200, fault: "drop_after" });
  assert.equal(lost.state, "no answer");
  assert.equal(lost.onPurpose, "on purpose: done, but the answer was lost");
});

test("events and connections are told", () => {
  assert.equal(
    explain({ kind: "gateway", event: "MESSAGE_CREATE", data: { content: "Hi\nthere" } }).hint,
    "Hi there",
  );
  const options = [
    { type: 2, name: "win", options: [{ type: 1, name: "log", options: [{ type: 3, name: "amount" }] }] },
  ];
  assert.equal(
    explain({
      kind: "gateway",
      event: "INTERACTION_CREATE",
      data: { type: 2, data: { name: "team", options } },
    }).hint,
    "/team win log",
  );
  const answer = explain({
    kind: "rest",
    method: "POST",
    path: "/api/v10/interactions/5/secret/callback",
    status: 204,
  });
  assert.equal(answer.what, "POST /interactions/5/…/callback");
  const closed = explain({
    kind: "socket",
    did: "closed",
    by: "the sandbox",
    code: 4000,
    reason: "Unknown error",
  });
  assert.equal(closed.hint, "by the sandbox, code 4000, Unknown error");
  assert.ok(closed.isError);
});
