// Reads a message's text into a tree: code blocks, quotes, headings, lists and paragraphs of inline nodes.

import { parseInline } from "./inline.js";

const FENCE = "```";
const LANGUAGE = /^([a-z0-9_+\-.#]{1,30})\n/i;
const HEADING = /^ {0,3}(#{1,3}) +(\S.*)$/;
const SUBTEXT = /^ {0,3}-# +(\S.*)$/;
const ITEM = /^( *)([-*]|\d{1,9}\.) +(\S.*)$/;
const DEEPEST_LIST = 10;

/**
 * A list of blocks: `paragraph`, `heading`, `subtext` and `quote` hold `children`; `list` holds `items`, each
 * a list of inline nodes with perhaps a `list` at its end; `codeblock` holds `language` and `text`.
 */
export function parseMarkdown(text) {
  return new Blocks(String(text ?? "").replace(/\r\n?/g, "\n"), false).parse();
}

class Blocks {
  constructor(text, quoted) {
    this.text = text;
    this.quoted = quoted;
    this.at = 0;
    this.blocks = [];
    /** Lines of the paragraph being read. */
    this.lines = [];
    /** The list being read: its levels, outermost first. */
    this.levels = [];
    this.fence = { open: -1, close: -1 };
  }

  parse() {
    while (this.at < this.text.length) {
      if (!this.quoted && this.quote()) continue;
      this.line();
    }
    this.endParagraph();
    return this.blocks;
  }

  quote() {
    if (this.text.startsWith(">>> ", this.at)) {
      this.addQuote(this.text.slice(this.at + 4));
      this.at = this.text.length;
      return true;
    }
    const lines = [];
    while (this.text.startsWith("> ", this.at)) {
      const end = this.lineEnd(this.at);
      lines.push(this.text.slice(this.at + 2, end));
      this.at = end + 1;
    }
    if (lines.length === 0) return false;
    this.addQuote(lines.join("\n"));
    return true;
  }

  addQuote(text) {
    this.endParagraph();
    this.blocks.push({ type: "quote", children: new Blocks(text, true).parse() });
  }

  line() {
    const end = this.lineEnd(this.at);
    const fence = this.nextFence();
    if (fence.open >= 0 && fence.open < end) return this.codeBlock(fence);
    this.take(this.text.slice(this.at, end));
    this.at = end + 1;
  }

  codeBlock({ open, close }) {
    if (open > this.at) this.take(this.text.slice(this.at, open));
    this.endParagraph();
    const inside = this.text.slice(open + FENCE.length, close);
    const language = LANGUAGE.exec(inside)?.[1] ?? "";
    const text = inside.slice(language === "" ? 0 : language.length + 1);
    this.blocks.push({ type: "codeblock", language, text: withoutOuterLines(text) });
    this.at = close + FENCE.length;
    if (this.text[this.at] === "\n") this.at += 1;
  }

  /** The next code block with something in it at or after here; looked for only once. */
  nextFence() {
    let from = this.at;
    while (this.fence.open !== Infinity && this.fence.open < this.at) {
      const open = this.text.indexOf(FENCE, from);
      const close = open < 0 ? -1 : this.text.indexOf(FENCE, open + FENCE.length);
      if (close < 0) this.fence = { open: Infinity, close: Infinity };
      else if (this.text[open - 1] === "\\") from = open + 1;
      else if (this.text.slice(open + FENCE.length, close).trim() === "") from = close + FENCE.length;
      else this.fence = { open, close };
    }
    return this.fence;
  }

  take(line) {
    const heading = HEADING.exec(line);
    if (heading)
      return this.titled({ type: "heading", level: heading[1].length }, withoutClosingMarks(heading[2]));
    const subtext = SUBTEXT.exec(line);
    if (subtext) return this.titled({ type: "subtext" }, subtext[1]);
    const item = ITEM.exec(line);
    if (item) return this.item(item[1].length, item[2], item[3]);
    if (this.levels.length > 0 && /^ {2,}\S/.test(line)) return this.continueItem(line.trimStart());
    this.endList();
    this.lines.push(line);
  }

  titled(block, text) {
    this.endParagraph();
    this.blocks.push({ ...block, children: parseInline(text) });
  }

  item(indent, mark, text) {
    this.endLines();
    const ordered = mark !== "-" && mark !== "*";
    while (this.levels.length > 1 && indent < this.levels[this.levels.length - 1].indent) this.levels.pop();
    let level = this.levels[this.levels.length - 1];
    const deeper = level && indent >= level.indent + 1 && this.levels.length < DEEPEST_LIST;
    if (!level || deeper) level = this.openList(indent, ordered, mark);
    if (level.list.ordered !== ordered) {
      this.levels.pop();
      level = this.openList(indent, ordered, mark);
    }
    level.list.items.push(parseInline(text));
  }

  openList(indent, ordered, mark) {
    const list = { type: "list", ordered, start: ordered ? Number.parseInt(mark, 10) : 1, items: [] };
    const outer = this.levels[this.levels.length - 1];
    if (outer) outer.list.items[outer.list.items.length - 1].push(list);
    else this.blocks.push(list);
    const level = { indent, list };
    this.levels.push(level);
    return level;
  }

  continueItem(text) {
    const { items } = this.levels[this.levels.length - 1].list;
    items[items.length - 1].push({ type: "text", text: "\n" }, ...parseInline(text));
  }

  endParagraph() {
    this.endLines();
    this.endList();
  }

  endLines() {
    const text = this.lines.join("\n");
    this.lines = [];
    if (text.trim() !== "") this.blocks.push({ type: "paragraph", children: parseInline(text) });
  }

  endList() {
    this.levels = [];
  }

  lineEnd(from) {
    const end = this.text.indexOf("\n", from);
    return end < 0 ? this.text.length : end;
  }
}

function withoutOuterLines(text) {
  let start = 0;
  let end = text.length;
  while (text[start] === "\n") start += 1;
  while (end > start && text[end - 1] === "\n") end -= 1;
  return text.slice(start, end);
}

function withoutClosingMarks(text) {
  let end = text.trimEnd().length;
  while (end > 0 && text[end - 1] === "#") end -= 1;
  return end === 0 ? text : text.slice(0, end).trimEnd();
}
