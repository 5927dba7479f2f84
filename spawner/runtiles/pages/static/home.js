// The home page: stop, resume and delete runtimes, name a new one.
(() => {
  "use strict";
  const { ago, apiPath, byId, errorText, hub, hubApi, resume, serverModel, serverPath } = window.runtiles;
  const POLL_MS = 1000;
  const { user, service } = byId("rt-runtimes").dataset;

  function say(row, text) {
    row.querySelector("[data-say]").textContent = text;
  }

  /** Waits until the Hub says that the server is gone, then shows the page as it is now. */
  async function waitStopped(server) {
    for (;;) {
      const model = await serverModel(user, server);
      if (!model || (model.stopped && !model.pending)) break;
      await new Promise((done) => setTimeout(done, POLL_MS));
    }
    location.reload();
  }

  async function end(row, remove) {
    const { server } = row.dataset;
    row.querySelectorAll("button").forEach((button) => (button.disabled = true));
    say(row, remove ? "Deleting…" : "Stopping…");
    const body = remove ? JSON.stringify({ remove: true }) : undefined;
    try {
      const response = await hubApi(serverPath(user, server), { method: "DELETE", body });
      if (response.ok) return await waitStopped(server);
      say(row, await errorText(response));
    } catch {
      say(row, "The Hub does not answer.");
    }
    row.querySelectorAll("button").forEach((button) => (button.disabled = false));
    return undefined;
  }

  async function offerResume() {
    const idle = [...document.querySelectorAll("[data-idle]")];
    if (!idle.length) return;
    const paused = await resume.paused(service, user);
    idle.filter((row) => paused.has(row.dataset.server)).forEach((row) => {
      const button = row.querySelector("[data-resume]");
      const start = row.querySelector("[data-start]");
      const chip = row.querySelector("[data-chip]");
      if (chip) chip.textContent = "paused";
      start.textContent = "Start empty";
      start.classList.replace("btn-primary", "rt-quiet");
      button.hidden = false;
      resume.arm(button, (text) => say(row, text), service, user, row.dataset.server);
    });
  }

  function onClick(event) {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const row = button.closest(".rt-runtime");
    const sure = "Delete this runtime? Its files stay in your storage.";
    if (button.dataset.do === "stop") end(row, false);
    if (button.dataset.do === "delete" && window.confirm(sure)) end(row, true);
  }

  /** A name as the Hub accepts it: "My GPU box" -> "my-gpu-box". */
  function slug(text) {
    const plain = text.normalize("NFKD").toLowerCase().replace(/[^a-z0-9]+/g, "-");
    return plain.replace(/^[^a-z]+/, "").slice(0, 30).replace(/-+$/, "");
  }

  function onNew(event) {
    event.preventDefault();
    const title = byId("rt-new-name").value.trim();
    const name = slug(title);
    const bad = !name || name === "default";
    byId("rt-new-error").textContent = bad ? "Write a name with at least one letter, other than “default”." : "";
    if (bad) return;
    const query = title === name ? "" : `?${new URLSearchParams({ display_name: title })}`;
    location.assign(`${hub.base_url}spawn/${apiPath(user, name)}${query}`);
  }

  byId("rt-runtimes").addEventListener("click", onClick);
  if (byId("rt-new")) byId("rt-new").addEventListener("submit", onNew);
  offerResume();
  document.querySelectorAll("time[datetime]").forEach((node) => {
    node.textContent = ago((Date.now() - Date.parse(node.getAttribute("datetime"))) / 1000);
  });
})();
