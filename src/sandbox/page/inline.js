// What stands within a line of a message: emphasis, code, links, mentions, times. Text in, nodes out.

const SPECIAL = /[\\`*_~|<[\]@¯]|https?:\/\//gi;
const TICKS = /`+/g;
const BARE = /https?:\/\/[^\s<]+/iy;
const MASKED = /\]\(\s*<?(https?:\/\/[^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+"[^"\n]{0,200}")?\s*\)/iy;
const SHRUG = "¯\\_(ツ)_/¯";
/** How deep emphasis nests; beyond it the marks are text. */
const DEEPEST = 40;
const KINDS = { "**": "bold", "*": "italic", __: "underline", _: "italic", "~~": "strike", "||": "spoiler" };

const TAGS = [
  [/<@!?(\d{1,20})>/y, ([, id]) => ({ type: "mention", kind: "user", id })],
  [/<@&(\d{1,20})>/y, ([, id]) => ({ type: "mention", kind: "role", id })],
  [/<#(\d{1,20})>/y, ([, id]) => ({ type: "mention", kind: "channel", id })],
  [
    /<\/([-\p{L}\p{N}_' ]{1,98}):(\d{1,20})>/uy,
    ([, name, id]) => ({ type: "mention", kind: "command", id, name }),
  ],
  [/<a?:(\w{2,32}):(\d{1,20})>/y, ([, name, id]) => ({ type: "emoji", name, id })],
  [
    /<t:(-?\d{1,13})(?::([tTdDfFRsS]))?>/y,
    ([, at, style]) => ({ type: "time", at: Number(at), style: style ?? "f" }),
  ],
  [/<(https?:\/\/[^\s<>]{1,2048})>/iy, ([, url]) => linkTo(url)],
];

export const textNode = (text) => ({ type: "text", text });
const linkTo = (url, children = [textNode(url)]) => ({ type: "link", url, children });

/** The nodes of a text without blocks. */
export function parseInline(text) {
  return new Inline(text).parse();
}

class Inline {
  constructor(text) {
    this.text = text;
    this.at = 0;
    /** Open marks, innermost last; each holds the nodes after it. */
    this.open = [{ mark: null, nodes: [] }];
    this.counts = {};
    this.ticks = null;
  }

  parse() {
    while (this.at < this.text.length) {
      SPECIAL.lastIndex = this.at;
      const found = SPECIAL.exec(this.text);
      const until = found ? found.index : this.text.length;
      this.say(this.text.slice(this.at, until));
      this.at = until;
      if (found) this.special(found[0]);
    }
    this.give(0);
    return this.open[0].nodes;
  }

  special(mark) {
    if (mark.length > 1) return this.bareLink();
    if (mark === "\\") return this.escape();
    if (mark === "`") return this.code();
    if (mark === "<") return this.tag();
    if (mark === "[") return this.bracket();
    if (mark === "]") return this.closeBracket();
    if (mark === "@") return this.everyone();
    if (mark === "¯") return this.take(this.text.startsWith(SHRUG, this.at) ? SHRUG.length : 1);
    return this.emphasis(mark);
  }

  get nodes() {
    return this.open[this.open.length - 1].nodes;
  }

  add(node) {
    this.nodes.push(node);
  }

  say(text) {
    if (text === "") return;
    const last = this.nodes[this.nodes.length - 1];
    if (last?.type === "text") last.text += text;
    else this.add(textNode(text));
  }

  /** The next `length` characters, as they are. */
  take(length) {
    this.say(this.text.slice(this.at, this.at + length));
    this.at += length;
  }

  escape() {
    const next = this.text[this.at + 1];
    if (next === undefined || /[0-9A-Za-z\s]/.test(next)) return this.take(1);
    this.at += 1;
    return this.take(1);
  }

  code() {
    this.ticks ??= ticksOf(this.text);
    const length = this.ticks.lengthAt.get(this.at) ?? 1;
    const places = this.ticks.places.get(length) ?? [];
    while (places.length > 0 && places[places.length - 1] <= this.at) places.pop();
    const end = places[places.length - 1];
    if (end === undefined) return this.take(length);
    const inside = this.text.slice(this.at + length, end);
    this.add({ type: "code", text: inside.replace(/^ (?=`)/, "").replace(/(?<=`) $/, "") });
    this.at = end + length;
  }

  tag() {
    for (const [shape, read] of TAGS) {
      shape.lastIndex = this.at;
      const found = shape.exec(this.text);
      if (!found) continue;
      this.add(read(found));
      this.at += found[0].length;
      return;
    }
    this.take(1);
  }

  everyone() {
    const kind = ["everyone", "here"].find((name) => this.text.startsWith(name, this.at + 1));
    if (!kind) return this.take(1);
    this.add({ type: "mention", kind, id: null });
    this.at += kind.length + 1;
  }

  bareLink() {
    BARE.lastIndex = this.at;
    const found = BARE.exec(this.text);
    if (!found) return this.take(4);
    const url = this.trimmed(found[0]);
    if (!/^https?:\/\/./i.test(url)) return this.take(url.length);
    this.add(linkTo(url));
    this.at += url.length;
  }

  /** A link ends before the mark that closes what it stands in, and before punctuation. */
  trimmed(url) {
    const closers = Object.keys(KINDS).filter((mark) => mark.length > 1 && this.counts[mark]);
    if (this.counts["["]) closers.push("]");
    let end = url.length;
    for (const closer of closers) {
      const at = url.indexOf(closer);
      if (at > 0 && at < end) end = at;
    }
    let depth = 0;
    for (let at = 0; at < end; at += 1) depth += url[at] === "(" ? 1 : url[at] === ")" ? -1 : 0;
    for (; end > 0; end -= 1) {
      const last = url[end - 1];
      if (last === ")" && depth < 0) depth += 1;
      else if (!".,:;\"'*_".includes(last) || (last === "_" && !this.counts._)) break;
    }
    return url.slice(0, end);
  }

  bracket() {
    if (this.open.length > DEEPEST) return this.take(1);
    this.push("[");
    this.at += 1;
  }

  closeBracket() {
    if (!this.counts["["]) return this.take(1);
    const depth = this.depthOf("[");
    MASKED.lastIndex = this.at;
    const found = MASKED.exec(this.text);
    this.give(depth + 1);
    const empty = this.nodes.length === 0;
    if (!found || empty) {
      this.give(depth);
      return this.take(1);
    }
    const { nodes } = this.drop();
    this.add(linkTo(found[1], nodes));
    this.at += found[0].length;
  }

  emphasis(letter) {
    let length = 1;
    while (this.text[this.at + length] === letter) length += 1;
    const single = letter === "*" || letter === "_";
    const before = this.text[this.at - 1] ?? " ";
    const after = this.text[this.at + length] ?? " ";
    if (length > 4 || (!single && length % 2 === 1)) return this.take(length);
    this.at += length;
    const left = this.close(letter, length, before, after);
    if (left > 3) return this.say(letter.repeat(left));
    this.openMarks(letter, left, before, after);
  }

  /** Closes what a run of `letter` closes, innermost first; answers how much of the run is left. */
  close(letter, length, before, after) {
    let left = length;
    for (;;) {
      const fits = (mark) =>
        mark[0] === letter &&
        this.counts[mark] > 0 &&
        mark.length <= left &&
        (mark.length === 2 ? left !== 1 : left !== 2 && canClose(letter, before, after));
      const depth = this.innermost(fits);
      if (depth === 0 || this.isEmpty(depth)) return left;
      this.give(depth + 1);
      const { mark, nodes } = this.drop();
      this.add({ type: KINDS[mark], children: nodes });
      left -= mark.length;
    }
  }

  openMarks(letter, length, before, after) {
    let left = length;
    while (left > 0) {
      const mark = left >= 2 ? letter.repeat(2) : letter;
      left -= mark.length;
      const may = mark.length === 2 || canOpen(letter, before, after);
      if (may && KINDS[mark] && this.open.length <= DEEPEST) this.push(mark);
      else this.say(mark);
    }
  }

  isEmpty(depth) {
    return depth === this.open.length - 1 && this.open[depth].nodes.length === 0;
  }

  innermost(fits) {
    for (let depth = this.open.length - 1; depth > 0; depth -= 1) {
      if (fits(this.open[depth].mark)) return depth;
    }
    return 0;
  }

  depthOf(mark) {
    return this.innermost((it) => it === mark);
  }

  push(mark) {
    this.counts[mark] = (this.counts[mark] ?? 0) + 1;
    this.open.push({ mark, nodes: [] });
  }

  drop() {
    const top = this.open.pop();
    this.counts[top.mark] -= 1;
    return top;
  }

  /** Makes text of the marks from `depth` on that nothing closed, so that `depth` are open. */
  give(depth) {
    while (this.open.length > Math.max(depth, 1)) {
      const { mark, nodes } = this.drop();
      this.say(mark);
      for (const node of nodes) {
        if (node.type === "text") this.say(node.text);
        else this.add(node);
      }
    }
  }
}

const isWord = (letter) => /[\p{L}\p{N}_]/u.test(letter);

function canOpen(letter, before, after) {
  return letter === "_" ? !isWord(before) : !/\s/.test(after);
}

function canClose(letter, before, after) {
  return letter === "_" ? !isWord(after) : !/\s/.test(before);
}

/** Where runs of backticks stand, by their length, the last first. */
function ticksOf(text) {
  const lengthAt = new Map();
  const places = new Map();
  for (const { 0: run, index } of text.matchAll(TICKS)) {
    lengthAt.set(index, run.length);
    if (!places.has(run.length)) places.set(run.length, []);
    places.get(run.length).push(index);
  }
  for (const list of places.values()) list.reverse();
  return { lengthAt, places };
}
