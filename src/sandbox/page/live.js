// Follows the sandbox's live stream, and says when it is lost.

const KINDS = ["feed", "log", "world"];

/** `on`: { feed(item), log(entry), world(), lost(), back() }. */
export function follow(after, on) {
  const source = new EventSource(`/sandbox/live?after=${after}`);
  let lost = false;
  for (const kind of KINDS) source.addEventListener(kind, (event) => on[kind](JSON.parse(event.data || "{}")));
  source.addEventListener("error", () => {
    if (!lost) on.lost();
    lost = true;
  });
  source.addEventListener("open", () => {
    if (lost) on.back();
    lost = false;
  });
}
