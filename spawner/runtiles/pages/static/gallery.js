// The spawn page: joins tiles, draft and start.
(() => {
  "use strict";
  const { byId, draft, element, resume, submit, tiles } = window.runtiles;
  const form = byId("spawn_form");
  const { data } = tiles;
  const RENEW_MS = 15000;
  /** The names of a LaunchRequest's fields that the form spells differently. */
  const nested = (name) => name.replace(/^(workspace|registry)\./, "$1_").split(".")[0];

  function link(url, text) {
    const node = element("a", "", text);
    node.href = url;
    node.target = "_blank";
    node.rel = "noopener noreferrer";
    return node;
  }

  function fill(id, url, text) {
    byId(id).replaceChildren(url ? link(url, text) : document.createTextNode(text || "none"));
  }

  /** The tile's own value unless the person wrote another one. */
  function effective(field, own) {
    const input = byId(`rt-f-${field}`);
    return (input && !input.disabled && input.value.trim()) || own;
  }

  function showTile(slug) {
    const tile = data.tiles[slug];
    byId("rt-chosen").hidden = !tile;
    if (!tile) return;
    byId("rt-chosen-icon").replaceChildren(
      tiles.cards.get(slug).querySelector(".rt-icon").cloneNode(true),
    );
    byId("rt-chosen-title").textContent = tile.title;
    byId("rt-chosen-text").textContent = tile.description;
    const image = effective("image", tile.image);
    fill("rt-chosen-image", image === tile.image ? tile.image_link : "", image);
    const workspace = effective("workspace_url", tile.workspace);
    fill("rt-chosen-workspace", workspace === tile.workspace ? tile.workspace_link : "", workspace);
    byId("rt-deprecated").hidden = !tile.deprecated;
  }

  function showStart(tile, machine) {
    const text = byId("rt-start-text");
    const row = data.machines[machine];
    text.replaceChildren(element("strong", "", tile ? data.tiles[tile].title : "No tile chosen yet"));
    if (row) text.append(`${row.title} · ${row.price}${row.free ? "" : ` · ${row.wait}`}`);
    const busy = byId("rt-start").hasAttribute("aria-busy");
    byId("rt-start").disabled = !tile || busy || Boolean(byId("rt-closed"));
  }

  function showChanged() {
    const count = draft.changed();
    byId("rt-changed").hidden = !count;
    byId("rt-changed").textContent = `${count} changed`;
  }

  function refresh() {
    const tile = tiles.chosen();
    tiles.explainMachines();
    showTile(tile);
    showStart(tile, tiles.machine());
    showChanged();
  }

  function clearErrors() {
    byId("rt-form-error").hidden = true;
    form.querySelectorAll("[data-error]").forEach((node) => (node.textContent = ""));
    form.querySelectorAll("[aria-invalid]").forEach((node) => node.removeAttribute("aria-invalid"));
  }

  /** Put each message at its field; what has no field is listed on top. */
  function showErrors({ message, fields }) {
    const entries = Object.entries(fields || {});
    const rest = entries.filter(([name, text]) => !showError(name, text));
    const first = form.querySelector('[aria-invalid="true"]');
    if (first) byId("rt-advanced").open = true;
    const marked = [...form.querySelectorAll("[data-error]")].filter((node) => node.textContent);
    showSummary(message, rest.map(([name, text]) => `${name}: ${text}`), marked.length);
    (first || byId("rt-form-error")).focus();
  }

  function showError(name, text) {
    const place = form.querySelector(`[data-error="${CSS.escape(nested(name))}"]`);
    if (!place) return false;
    // Several variables share the one field of the environment.
    const variable = name.startsWith("environment.") ? `${name.slice("environment.".length)}: ` : "";
    place.textContent = [place.textContent, variable + text].filter(Boolean).join("; ");
    const input = byId(`rt-f-${nested(name)}`);
    if (input) input.setAttribute("aria-invalid", "true");
    return true;
  }

  function showSummary(message, rest, count) {
    const note = byId("rt-form-error");
    const marked = `Check the ${count === 1 ? "marked field" : `${count} marked fields`}.`;
    const lines = count ? [marked, ...rest] : rest.length ? rest : [message];
    note.replaceChildren(element("strong", "", "The runtime was not started."));
    lines.forEach((line) => note.append(element("p", "", line)));
    note.hidden = false;
  }

  function setBusy(busy) {
    const button = byId("rt-start");
    button.toggleAttribute("aria-busy", busy);
    button.disabled = busy;
    button.textContent = busy ? "Starting…" : "Start";
  }

  async function onSubmit(event) {
    event.preventDefault();
    clearErrors();
    setBusy(true);
    try {
      const answer = await submit.start(form);
      if (answer.url) {
        draft.forget();
        location.assign(answer.url);
        return;
      }
      showErrors(answer);
    } catch {
      showErrors({ message: "The Hub does not answer. Nothing was started; your input is still here." });
    }
    setBusy(false);
  }

  async function copyLink() {
    const text = draft.link();
    try {
      await navigator.clipboard.writeText(text);
      byId("rt-copied").textContent = "Copied.";
    } catch {
      // No clipboard without HTTPS: show it, so that it can be copied by hand.
      byId("rt-copied").textContent = text;
    }
  }

  /** "Free now" must be true when somebody comes back to the page. */
  let asked = Date.now();
  async function renew() {
    if (document.hidden || Date.now() - asked < RENEW_MS) return;
    asked = Date.now();
    try {
      const response = await fetch(location.pathname, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      tiles.updateMachines(JSON.parse(page.getElementById("rt-gallery-data").textContent).machines);
      refresh();
    } catch {
      // Signed out, or the Hub is away: Start will say so.
    }
  }

  /** A paused runtime is resumed from here, too. */
  async function offerResume() {
    const { again, server, service_url: url } = tiles.data;
    const { user } = form.dataset;
    if (!again || !(await resume.paused(url, user)).has(server)) return;
    byId("rt-paused").hidden = false;
    resume.arm(byId("rt-resume"), (text) => (byId("rt-resume-said").textContent = text), url, user, server);
  }

  form.addEventListener("change", (event) => {
    if (event.target.name === "tile") {
      tiles.suitMachine();
      draft.followTile(tiles.chosen());
    }
    if (event.target.name === "machine") tiles.keepMachine();
    refresh();
    draft.save();
  });
  form.addEventListener("input", () => {
    refresh();
    draft.save();
  });
  form.addEventListener("submit", onSubmit);
  document.addEventListener("visibilitychange", renew);
  byId("rt-copy-link").addEventListener("click", copyLink);
  byId("rt-link-tools").hidden = false;
  // A page that comes back from the browser's cache must not keep a dead button.
  window.addEventListener("pageshow", (event) => event.persisted && setBusy(false));

  if (!draft.applyLink()) draft.restore();
  window.addEventListener("hashchange", () => {
    if (draft.applyLink()) refresh();
  });
  tiles.start();
  draft.followTile(tiles.chosen());
  refresh();
  offerResume();
})();
