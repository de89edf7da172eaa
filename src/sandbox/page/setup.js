// Making a server, channels and people from the page.

import { api } from "./api.js";
import { tell } from "./acts.js";
import { byId, el } from "./dom.js";
import { me, world } from "./world.js";

const MANAGE_SERVER = "32";
const FIRST = "Maya";
const OTHERS = ["Ana", "Ben", "Cleo"];

const username = (name) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, "_")
    .replace(/^_+|_+$/g, "") || "person";

async function join(guild, name, roles) {
  await api.post(`/sandbox/guilds/${guild}/people`, { username: username(name), display_name: name, roles });
}

async function makeServer() {
  const { id } = await api.post("/sandbox/guilds", { name: "Test server", owner: FIRST });
  for (const name of OTHERS) await join(id, name, []);
}

async function managerRole(guild) {
  const known = guild.roles.find((role) => role.name === "Manager");
  if (known) return known.id;
  return (
    await api.post(`/sandbox/guilds/${guild.id}/roles`, { name: "Manager", permissions: MANAGE_SERVER })
  ).id;
}

/** A small form that opens from a "+" and closes when done. */
function adder(label, fields, save) {
  const form = el(
    "form.adder",
    { hidden: true },
    ...fields,
    el(
      "div.adder-foot",
      el("button.quiet", { onclick: () => show(false) }, "Cancel"),
      el("button.primary", { type: "submit" }, "Add"),
    ),
  );
  const button = el(
    "button.quiet.add",
    { "aria-expanded": "false", onclick: () => show(true) },
    `+ ${label}`,
  );

  function show(open) {
    form.hidden = !open;
    button.hidden = open;
    (open ? form.querySelector("input") : button).focus();
  }

  form.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await save(form);
      form.reset();
      show(false);
    } catch (error) {
      tell(error.message);
    }
  });
  return el("div.adding", button, form);
}

export function addChannel(guild) {
  const name = el("input", { name: "name", required: true, maxlength: "100", autocomplete: "off" });
  return adder("channel", [el("label", "Channel name", name)], () =>
    api.post(`/sandbox/guilds/${guild.id}/channels`, {
      name: name.value.trim().toLowerCase().replace(/\s+/g, "-"),
    }),
  );
}

/** Another server, which the person at the page owns. */
export function addServer() {
  const name = el("input", { name: "name", required: true, maxlength: "100", autocomplete: "off" });
  return adder("server", [el("label", "Server name", name)], () =>
    api.post("/sandbox/guilds", { name: name.value.trim(), owner: me().id }),
  );
}

export function addPerson(guild) {
  const name = el("input", { name: "name", required: true, maxlength: "32", autocomplete: "off" });
  const manager = el("input", { type: "checkbox", name: "manager" });
  return adder(
    "person",
    [el("label", "Person's name", name), el("label.tick", manager, " Manager")],
    async () => join(guild.id, name.value.trim(), manager.checked ? [await managerRole(guild)] : []),
  );
}

/** What to do when nothing is there yet. */
export function drawEmpty(refresh) {
  const url = world.summary?.url ?? location.origin;
  const make = el("button.primary", { onclick: start }, "Make a server with four people");
  async function start() {
    make.disabled = true;
    try {
      await makeServer();
      await refresh();
    } catch (error) {
      make.disabled = false;
      tell(error.message);
    }
  }
  byId("empty").replaceChildren(
    el("h1", "Nothing here yet"),
    el("p", "This is a local Discord for trying out bots. It needs a server with people in it, and a bot."),
    el("p", make),
    el("h2", "Start a bot against it"),
    el("p", "Point your bot's library at this address, and give it this token:"),
    el("pre", `DISCORD_API_URL=${url}\nDISCORD_TOKEN=${world.summary?.token ?? ""}`),
    el("h2", "Or make the server from a script"),
    el("pre", `curl -d '{"name":"Test server"}' ${url}/sandbox/guilds`),
  );
}
