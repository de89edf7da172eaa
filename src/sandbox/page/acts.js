// Acting as a person: what is sent, the wait for the bot's answer, and what only you are told.

import { api } from "./api.js";
import { byId, el, signButton } from "./dom.js";
import { errorLeaves } from "./explain.js";
import { openForm } from "./form.js";
import { bot, guildOf, me, world } from "./world.js";

const MOST_NOTICES = 3;
const THINKING_AFTER = 400;
const waiting = new Set();
let looks;

/** `context()`: what a bot's text is drawn with. */
export const useLooks = (context) => {
  looks = context;
};

/** Tells something that only you see. */
export function tell(text) {
  const notice = el("div.notice", { role: "alert" }, el("p", text));
  notice.append(signButton("×", "Dismiss this notice", () => notice.remove()));
  const notices = byId("notices");
  notices.append(notice);
  while (notices.childElementCount > MOST_NOTICES) notices.firstElementChild.remove();
}

export const clearNotices = () => byId("notices").replaceChildren();

function wait(what) {
  const one = { what, thinking: false };
  waiting.add(one);
  const timer = setTimeout(() => {
    one.thinking = true;
    showWaiting();
  }, THINKING_AFTER);
  showWaiting();
  return () => {
    clearTimeout(timer);
    waiting.delete(one);
    showWaiting();
  };
}

function showWaiting() {
  const last = [...waiting].at(-1);
  const line = byId("waiting");
  line.textContent = last ? (last.thinking ? `${bot().name} is thinking…` : `Sending ${last.what}…`) : "";
  line.classList.toggle("busy", Boolean(last));
}

const here = () => ({ guild: guildOf(world.channel)?.id, channel: world.channel, user: me().id });

async function perform(kind, body, what) {
  clearNotices();
  const done = wait(what);
  try {
    return await api.post(`/sandbox/act/${kind}`, body);
  } finally {
    done();
  }
}

/** Sends, settles the outcome, and answers whether the bot did too. */
async function settled(kind, body, what) {
  try {
    const outcome = await perform(kind, body, what);
    const problem = unanswered(outcome, kind);
    if (problem) tell(problem);
    if (outcome.state === "modal") showForm(outcome, body.user);
    return outcome.state !== "silent";
  } catch (error) {
    tell(inWords(error));
    return false;
  }
}

function unanswered(outcome, kind) {
  if (outcome.state === "silent") return silence(looks().refusalOf(outcome.interaction));
  const acknowledged = kind === "button" || kind === "select";
  if (outcome.state === "deferred" && !acknowledged)
    return `${bot().name} said it is thinking, and has not answered yet.`;
  return null;
}

/** No answer arrived; perhaps because Discord would not have it. */
function silence(refused) {
  if (!refused) return "The bot did not answer within 3 seconds.";
  const why = refused.onPurpose ?? listed(refused.broken);
  return `The bot's answer was refused (${refused.state}): ${why}`;
}

const listed = (broken) => broken.map(({ where, message }) => `${where} ${message}`.trim()).join("; ");

function inWords(error) {
  const details = listed(errorLeaves(error.errors));
  return details === "" ? error.message : `${error.message}: ${details}`;
}

function showForm(outcome, user) {
  openForm(outcome.modal, looks(), async (values) => {
    const next = await perform(
      "modal",
      { user, interaction: outcome.interaction, values },
      outcome.modal.title,
    );
    const problem = unanswered(next, "modal");
    if (problem) throw new Error(`${problem} What you wrote is still here.`);
    if (next.state === "modal") queueMicrotask(() => showForm(next, user));
  });
}

export const acts = {
  command: (name, options) => settled("command", { ...here(), name, options }, `/${name}`),
  menu: (name, target) => settled("menu", { ...here(), name, target }, name),
  button: (message, component) =>
    settled(
      "button",
      { user: me().id, message: message.id, custom_id: component.custom_id },
      component.label ?? "the button",
    ),
  select: (message, component, values) =>
    settled(
      "select",
      { user: me().id, message: message.id, custom_id: component.custom_id, values },
      "your choice",
    ),
  suggest: async (name, options, focused) => {
    const outcome = await api.post("/sandbox/act/autocomplete", { ...here(), name, options, focused });
    return outcome.choices;
  },
  message: (content, replyTo) =>
    api.post("/sandbox/act/message", {
      ...here(),
      content,
      ...(replyTo && { message_reference: { message_id: replyTo } }),
    }),
  react: (message, emoji, remove) =>
    quietly(api.post("/sandbox/act/reaction", { user: me().id, message: message.id, emoji, remove })),
  remove: (message) => quietly(api.post("/sandbox/act/delete", { user: me().id, message: message.id })),
};

/** Answers whether it was done. */
async function quietly(promise) {
  try {
    await promise;
    return true;
  } catch (error) {
    tell(inWords(error));
    return false;
  }
}
