// What the page reads out of a message's text, and what it shows for it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { context, install } from "./fake_dom.mjs";

install();
const { parseMarkdown, refreshTimes, renderMarkdown } = await import("../../src/sandbox/page/markdown.js");
const { fromNow } = await import("../../src/sandbox/page/stamps.js");

/** A tree in short: `p(bold(x))`. */
const told = (nodes) => nodes.map(tell).join("");
function tell(node) {
  if (node.type === "text") return node.text;
  if (node.type === "list")
    return `${node.ordered ? `ol${node.start}` : "ul"}(${node.items.map((it) => `[${told(it)}]`).join("")})`;
  if (node.type === "mention") return `@${node.kind}(${node.id ?? ""})`;
  if (node.type === "time") return `time(${node.at},${node.style})`;
  if (node.type === "link") return `link(${node.url}|${told(node.children)})`;
  if (node.type === "emoji") return `emoji(${node.name})`;
  const name =
    node.type === "paragraph"
      ? "p"
      : `${node.type}${node.level ?? ""}${node.language ? `.${node.language}` : ""}`;
  return `${name}(${node.children ? told(node.children) : node.text})`;
}
const reads = (text, expected) => assert.equal(told(parseMarkdown(text)), expected, text);

test("emphasis nests and ends where Discord ends it", () => {
  reads("***a b***", "p(bold(italic(a b)))");
  reads("**a *b***", "p(bold(a italic(b)))");
  reads("*a **b** c*", "p(italic(a bold(b) c))");
  reads("*a **b* c", "p(italic(a **b) c)");
  reads("__u__ ___ui___ _i_", "p(underline(u) underline(italic(ui)) italic(i))");
  reads("~~Finn: Aldous Freight~~\nUndone.", "p(strike(Finn: Aldous Freight)\nUndone.)");
  reads("||a||||b||", "p(spoiler(a)spoiler(b))");
  reads("**a\nb**", "p(bold(a\nb))");
});

test("marks that close nothing are text", () => {
  for (const text of [
    "2 * 3 * 4",
    "snake_case_word",
    "**un",
    "****",
    "a || b",
    "~~~x~~~",
    "[a](",
    "<@abc>",
    "<id:customize>",
    "`",
  ]) {
    reads(text, `p(${text})`);
  }
});

test("a backslash takes a mark's meaning away", () => {
  reads("\\*a\\* \\<@1> \\\\ \\a", "p(*a* <@1> \\ \\a)");
  reads("\\```js\nx```", "p(```js\nx```)");
  reads("¯\\_(ツ)_/¯", "p(¯\\_(ツ)_/¯)");
});

test("code keeps what is in it", () => {
  reads("`**x**` ``a`b``", "p(code(**x**) code(a`b))");
  reads("**`y`**", "p(bold(code(y)))");
  reads("a ```js\nlet x = `1`;\n``` b", "p(a )codeblock.js(let x = `1`;)p( b)");
  reads("```x```", "codeblock(x)");
  reads("> ```\n> code\n> ```\nafter", "quote(codeblock(code))p(after)");
});

test("blocks: headings, subtext, quotes, lists", () => {
  reads("# A ##\n## B\n### C\n#### D\n-# small", "heading1(A)heading2(B)heading3(C)p(#### D)subtext(small)");
  reads("> a\n> b\nc\n>>> d\ne", "quote(p(a\nb))p(c)quote(p(d\ne))");
  reads(">no\n> > once", "p(>no)quote(p(> once))");
  reads("- a\n  - b\n    more\n- c\n1. d\n2. e\n\n7. f", "ul([aul([b\nmore])][c])ol1([d][e])ol7([f])");
  reads("a\n\nb", "p(a\n\nb)");
});

test("links: masked, bare and in brackets, of the web only", () => {
  reads("[a](https://x.y/(z)_b)", "p(link(https://x.y/(z)_b|a))");
  reads('[**b**](<https://x.y> "title")', "p(link(https://x.y|bold(b)))");
  reads("[a](javascript:alert(1)) [b](ftp://x)", "p([a](javascript:alert(1)) [b](ftp://x))");
  reads(
    "**https://x.y/a_b**, (https://x.y/c).",
    "p(bold(link(https://x.y/a_b|https://x.y/a_b)), (link(https://x.y/c|https://x.y/c)).)",
  );
  reads("<https://a.b/c>", "p(link(https://a.b/c|https://a.b/c))");
});

test("mentions, emoji, commands and times", () => {
  reads("<@1><@!2><@&5><#9>", "p(@user(1)@user(2)@role(5)@channel(9))");
  reads(
    "@everyone @here <:bell:12345> <a:ring:6> </win log:77>",
    "p(@everyone() @here() emoji(bell) emoji(ring) @command(77))",
  );
  reads("<t:5> <t:-5:R> <t:5:x>", "p(time(5,f) time(-5,R) <t:5:x>)");
});

test("hostile text is read in linear time", () => {
  const parts = [
    "*",
    "[",
    "`",
    ">",
    "> ",
    "<",
    "_",
    "|",
    "||",
    "** ",
    "*a",
    "[a](",
    "https://",
    "](http://a",
    "`` ` ",
    "\\",
    "- ",
    "  - a\n",
    "```",
    "```a",
    "<t:",
    "</a a a",
    "*_",
    "**__~~",
    "](",
    "@",
    "#",
    "# ",
    "[*",
    "http://a(",
    "1. ",
    "<https://",
    "\\```",
  ];
  for (const part of parts) {
    const text = part.repeat(Math.ceil(40_000 / part.length));
    const start = performance.now();
    parseMarkdown(text);
    assert.ok(
      performance.now() - start < 1000,
      `${JSON.stringify(part)} took ${performance.now() - start} ms`,
    );
  }
});

test("nesting has an end", () => {
  const deep = (nodes) =>
    Math.max(0, ...nodes.map((node) => 1 + deep(node.children ?? node.items?.flat() ?? [])));
  const marks = "**__~~||".repeat(500);
  assert.ok(deep(parseMarkdown(`${marks}x${[...marks].reverse().join("")}`)) < 60);
  assert.ok(
    deep(parseMarkdown(Array.from({ length: 500 }, (_, at) => `${" ".repeat(at)}- x`).join("\n"))) < 60,
  );
});

test("no text loses anything but its marks", () => {
  const letters = [
    "*",
    "_",
    "~~",
    "||",
    "`",
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    "\\",
    "#",
    "-",
    " ",
    "\n",
    "a",
    "b",
    "<@1>",
    "@here",
  ];
  let seed = 7;
  const next = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed;
  };
  const words = (nodes) =>
    nodes.map((node) => (node.text ?? "") + words(node.children ?? node.items?.flat() ?? [])).join("");
  for (let round = 0; round < 3000; round += 1) {
    const text = Array.from({ length: 24 }, () => letters[next() % letters.length]).join("");
    const kept = (from) => from.replace(/[^ab]/g, "");
    assert.equal(kept(words(parseMarkdown(text))), kept(text), JSON.stringify(text));
  }
});

test("text never becomes elements", () => {
  const evil = "<script>x</script><img src=x onerror=y>";
  const shown = renderMarkdown(
    `${evil}\n> ${evil}\n\`\`\`${evil}\`\`\`\n**${evil}** [${evil}](https://x.y/"onclick=z)`,
    context(),
  );
  assert.deepEqual([...new Set(shown.all.map((node) => node.tag))].sort(), [
    "a",
    "blockquote",
    "code",
    "div",
    "p",
    "pre",
    "strong",
  ]);
  assert.equal(shown.textContent.split(evil).length - 1, 5);
  assert.equal(shown.byTag("a")[0].attributes.href, "https://x.y/%22onclick=z");
});

test("links tell the other side nothing, and hold nothing that can be pressed", () => {
  const link = renderMarkdown("[<@1> ||x|| https://q.r](https://x.y)", context()).byTag("a");
  assert.equal(link.length, 1);
  assert.equal(link[0].attributes.rel, "noopener noreferrer");
  assert.equal(link[0].attributes.target, "_blank");
  assert.deepEqual(link[0].byTag("button"), []);
});

test("mentions are called by name, and those unknown so", async () => {
  const ctx = context();
  const shown = renderMarkdown("<@1> <@3> <@&5> <@&6> <#9> <#8>", ctx);
  assert.equal(
    shown.textContent,
    "@Ana @unknown person @Closers @unknown role #wins, go there #unknown channel",
  );
  const [person, channel] = shown.byTag("button");
  await person.fire("click");
  await channel.fire("click");
  assert.deepEqual(ctx.calls, [
    ["onPerson", "1", person],
    ["onJump", "9", null],
  ]);
});

test("times are those of the zone", () => {
  const styles = ["t", "T", "d", "D", "f", "F", "s", "S", "R"];
  const shown = styles.map((style) => renderMarkdown(`<t:1775847600:${style}>`, context()).textContent);
  assert.deepEqual(
    shown,
    [
      "15:00",
      "15:00:00",
      "10/04/2026",
      "10 April 2026",
      "10 April 2026 at 15:00",
      "Friday, 10 April 2026 at 15:00",
      "10/04/2026, 15:00",
      "10/04/2026, 15:00:00",
      "in 1 hour",
    ].map((text, at) => (styles[at] === "F" ? shown[5] : text)),
  );
  assert.match(shown[5], /^Friday,? 10 April 2026 at 15:00$/);
  const time = renderMarkdown("<t:1775847600:t>", context()).byTag("time")[0];
  assert.equal(time.attributes.datetime, "2026-04-10T19:00:00.000Z");
  assert.match(time.attributes.title, /^Friday,? 10 April 2026 at 15:00$/);
  assert.equal(renderMarkdown("<t:9999999999999:R>", context()).textContent, "<t:9999999999999:R>");
});

test("relative times are written anew", () => {
  const shown = renderMarkdown("<t:1775847600:R> <t:1775847600:t>", context());
  refreshTimes(shown, context({ now: () => new Date("2026-04-13T19:00:00Z") }));
  assert.equal(shown.textContent, "3 days ago 15:00");
  assert.equal(fromNow(new Date(90_000), new Date(0)), "in 1 minute");
});

test("a spoiler shows itself when asked, by key too", async () => {
  const shown = renderMarkdown("||secret||", context());
  const [cover] = shown.byClass("md-spoiler");
  assert.ok(cover.byClass("md-hidden")[0].hasAttribute("inert"));
  await cover.fire("keydown", { key: "a" });
  assert.ok(cover.hasAttribute("role"));
  await cover.fire("keydown", { key: "Enter" });
  assert.ok(!cover.hasAttribute("role"));
  assert.ok(!cover.byTag("span")[0].hasAttribute("inert"));
});
