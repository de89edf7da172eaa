// Follows the sandbox's live stream.

const KINDS = ["feed", "log", "world"];

/** `on`: { feed(item), log(entry), world(), lost() }. Once lost it is over: fetch what was missed. */
export function follow(after, on) {
  const source = new EventSource(`/sandbox/live?after=${after}`);
  for (const kind of KINDS)
    source.addEventListener(kind, (event) => on[kind](JSON.parse(event.data || "{}")));
  source.addEventListener("error", () => {
    source.close();
    on.lost();
  });
}
