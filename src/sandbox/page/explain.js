// What an entry of the log says: its words, its state, and which of Discord's limits it broke.

const STATUS = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  302: "Found",
  304: "Not Modified",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Too Large",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Built",
  502: "Bad Gateway",
  503: "Service Unavailable",
};

const INVALID_FORM = 50035;
/** Codes that speak of a limit rather than of something missing or forbidden. */
const LIMIT_CODES = new Set([40005, 40060, 50006, 50016, 50034, 50045, 50109]);
/** What the inspector's faults do, in words. */
const PURPOSES = {
  429: "told to wait",
  500: "not done",
  502: "not done",
  drop_before: "not done, and no answer",
  drop_after: "done, but the answer was lost",
  delay: "the answer came late",
  between: "answered by something between the bot and Discord",
};
/** Long, and the same for no two calls. */
const TOKEN = /^(\/(?:interactions|webhooks)\/\d+\/)[^/]+/;
const LONGEST_HINT = 80;
const APPLICATION_COMMAND = 2;

/** `tone`: "ok", "warn" or "danger". `broken`: what was broken, each `{ where, message }`. */
export function explain(entry) {
  if (entry.kind === "rest") return explainRest(entry);
  if (entry.kind === "socket") return explainSocket(entry);
  return {
    label: "Event",
    what: entry.event ?? "?",
    state: "sent",
    tone: "ok",
    isError: false,
    broken: [],
    hint: hintOf(entry.data),
  };
}

function explainRest(entry) {
  const path = (entry.path ?? "").replace(/^\/api(\/v\d+)?/, "").replace(TOKEN, "$1…");
  const what = path === "" ? entry.route : `${entry.method} ${path}`;
  const unanswered = /^drop/.test(entry.fault ?? "");
  const isError = unanswered || entry.status >= 400;
  return {
    label: "REST",
    what: what ?? "?",
    state: unanswered ? "no answer" : `${entry.status} ${STATUS[entry.status] ?? ""}`.trim(),
    tone: unanswered || entry.status >= 500 ? "danger" : isError ? "warn" : "ok",
    isError,
    onPurpose: entry.fault && purposeOf(entry),
    limit: isLimit(entry),
    broken: brokenBy(entry),
    hint: hintOf(entry.request),
  };
}

function purposeOf({ fault, limit, status, response }) {
  const wait = status === 429 && fault !== "between" ? `: ${tooOften(limit, response).message}` : "";
  return `on purpose: ${PURPOSES[fault] ?? fault}${wait}`;
}

function explainSocket({ did, code, by, reason, intents, shard, compress }) {
  const told = [
    by && `by ${by}`,
    code && `code ${code}`,
    reason,
    intents !== undefined && `intents ${intents}`,
    shard && `shard ${shard[0]} of ${shard[1]}`,
    compress && compress !== "none" && `compressed by ${compress}`,
  ].filter(Boolean);
  const bad = did === "refused" || (did === "closed" && code !== undefined && code !== 1000);
  return {
    label: "Socket",
    what: "Connection",
    state: did ?? "?",
    tone: bad ? "danger" : did === "closed" ? "warn" : "ok",
    isError: bad,
    broken: [],
    hint: told.join(", "),
  };
}

function isLimit({ status, response }) {
  const code = response?.code ?? 0;
  return status === 429 || code === INVALID_FORM || Math.floor(code / 1000) === 30 || LIMIT_CODES.has(code);
}

function brokenBy({ status, response, limit, fault }) {
  if (status === 429) return fault ? [] : [tooOften(limit, response)];
  if (!(status >= 400) || !response?.message) return [];
  const leaves = errorLeaves(response.errors);
  if (leaves.length > 0) return leaves;
  return [{ where: response.code ? `code ${response.code}` : "", message: response.message }];
}

const SCOPES = {
  user: "the bot's own limit",
  shared: "a limit shared with others",
  global: "the limit of all calls together",
};

function tooOften(limit, response) {
  const scope = limit?.scope ?? (response?.global ? "global" : "user");
  const seconds = limit?.retry_after ?? response?.retry_after ?? 0;
  return {
    where: limit?.bucket && scope !== "global" ? `bucket ${limit.bucket}` : "",
    message: `${SCOPES[scope] ?? scope}, again in ${Math.round(seconds * 1000) / 1000} s`,
  };
}

/** The leaves of Discord's tree of errors: `embeds[0].fields[2].name` and what was wrong there. */
export function errorLeaves(tree, path = "") {
  if (!tree || typeof tree !== "object") return [];
  const here = Array.isArray(tree._errors)
    ? tree._errors.map(({ code, message }) => ({ where: path, message: message ?? code ?? "not valid" }))
    : [];
  const below = Object.entries(tree)
    .filter(([key]) => key !== "_errors")
    .flatMap(([key, child]) => errorLeaves(child, joined(path, key)));
  return [...here, ...below];
}

function joined(path, key) {
  if (/^\d+$/.test(key)) return `${path}[${key}]`;
  return path === "" ? key : `${path}.${key}`;
}

/** "/win log", with the names of group and subcommand. */
function commandOf({ name, type, options }) {
  const names = [name];
  for (let inner = options?.[0]; inner?.type <= 2; inner = inner.options?.[0]) names.push(inner.name);
  return `${(type ?? 1) === 1 ? "/" : ""}${names.join(" ")}`;
}

/** A few words by which one tells one call from the next. */
function hintOf(data) {
  if (data === null || typeof data !== "object") return "";
  const inner = data.data ?? {};
  if (data.type === APPLICATION_COMMAND && inner.name) return commandOf(inner);
  const embeds = data.embeds ?? inner.embeds;
  const words =
    data.content ||
    inner.content ||
    embeds?.[0]?.title ||
    embeds?.[0]?.description ||
    inner.custom_id ||
    inner.name ||
    inner.title ||
    data.name ||
    "";
  const text = String(words).replace(/\s+/g, " ");
  return text.length > LONGEST_HINT ? `${text.slice(0, LONGEST_HINT)}…` : text;
}
