// The inspector's gateway: what can befall the bot's live connection.

import { el } from "./dom.js";
import { whileBusy } from "./safe.js";

export function createGateway(api, tell) {
  const connections = el("strong", "?");
  const code = el("input", {
    type: "number",
    min: "1000",
    max: "4999",
    value: "4000",
    "aria-label": "Close code",
  });
  const resumable = el("input", { type: "checkbox", checked: true });

  async function act(body, told) {
    try {
      const answer = await api.post("/sandbox/gateway", body);
      show(answer.connections);
      tell(`${told} ${countOf(answer.connections)}.`);
    } catch (error) {
      tell(error.message);
    }
  }

  function show(count) {
    connections.textContent = String(count ?? "?");
  }

  const button = (name, body, told) => {
    const made = el("button.quiet", name);
    made.addEventListener("click", () => whileBusy(made, () => act(body(), told)));
    return made;
  };
  const line = (meaning, ...controls) =>
    el("div.mishap", el("div.mishap-do", ...controls), el("p.soft", meaning));

  const element = el(
    "div.mishaps",
    el("p", "Connections of the bot: ", connections),
    line(
      "Discord closes the connection with this code.",
      button("Close", () => ({ do: "close", code: Number(code.value) }), "Closed."),
      code,
    ),
    line(
      "The connection breaks without a word.",
      button("Drop", () => ({ do: "drop" }), "Dropped."),
    ),
    line(
      "Discord asks the bot to connect anew and go on (op 7).",
      button("Reconnect", () => ({ do: "reconnect" }), "Asked to reconnect."),
    ),
    line(
      "Discord no longer knows the session (op 9).",
      button(
        "Invalid session",
        () => ({ do: "invalidate", resumable: resumable.checked }),
        "Session made invalid.",
      ),
      el("label", resumable, " resumable"),
    ),
    line(
      "Discord wants a sign of life now (op 1).",
      button("Ask for heartbeat", () => ({ do: "heartbeat" }), "Asked for a heartbeat."),
    ),
    line(
      "Events wait until they are released, as on a slow day.",
      button("Hold back events", () => ({ do: "hold" }), "Events are held back."),
      button("Release events", () => ({ do: "release" }), "Events are released."),
    ),
  );
  return { element, show };
}

const countOf = (count) => (count === 1 ? "1 connection is open" : `${count} connections are open`);
