// Starting: through the service where there is one (typed answers, one entry per bad field), else
// through the Hub's own form handler, which also works without any script.
window.runtiles.submit = (() => {
  "use strict";
  const { apiPath, errorText, hub, serverModel, service, tiles } = window.runtiles;
  const WATCH_MS = 800;
  const NESTED = { workspace: ["url", "ref", "username", "password"], registry: ["username", "password"] };

  /** Bad input that is found before anything is sent. */
  class FieldError extends Error {
    constructor(field, message) {
      super(message);
      this.field = field;
    }
  }

  /** Lines of NAME=value as an object; throws with the number of the first line that is none. */
  function environment(text) {
    const found = {};
    text.split("\n").forEach((raw, index) => {
      const line = raw.trim();
      if (!line || line.startsWith("#")) return;
      const cut = line.indexOf("=");
      const name = line.slice(0, cut).trim();
      if (cut < 0) throw new FieldError("environment", `line ${index + 1} must be NAME=value`);
      if (Object.hasOwn(found, name)) throw new FieldError("environment", `line ${index + 1} sets ${name} again`);
      found[name] = line.slice(cut + 1).trim();
    });
    return found;
  }

  /** The form as a LaunchRequest; empty fields are left out and mean the tile's own value. */
  function launchRequest(form) {
    const values = new FormData(form);
    const request = {};
    values.forEach((value, name) => {
      if (name !== "_xsrf" && typeof value === "string" && value.trim()) request[name] = value;
    });
    if (request.environment) request.environment = environment(request.environment);
    Object.entries(NESTED).forEach(([group, names]) => {
      const parts = names.filter((name) => request[`${group}_${name}`]);
      if (!parts.length) return;
      request[group] = {};
      parts.forEach((name) => {
        request[group][name] = request[`${group}_${name}`];
        delete request[`${group}_${name}`];
      });
    });
    return request;
  }

  /** user, server and address of the runtime that this form starts. A name typed on the page of the
      default runtime starts another one; throws when the Hub would not take it as a name. */
  function target(form) {
    const action = new URL(form.action, location.href);
    const { user } = form.dataset;
    const typed = form.elements.name ? form.elements.name.value.trim() : "";
    if (!typed || typed === "default") {
      const path = action.pathname.slice(hub.base_url.length).split("/");
      return { user, server: decodeURIComponent(path[2] || ""), action };
    }
    if (typed.length > 30 || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(typed)) {
      throw new FieldError("name", "must be up to 30 small letters, digits and single '-' between them, and start with a letter");
    }
    action.pathname = `${hub.base_url}spawn/${apiPath(user, typed)}`;
    return { user, server: typed, action };
  }

  function pendingUrl({ user, server }) {
    const next = new URLSearchParams(location.search).get("next");
    const query = next ? `?${new URLSearchParams({ next })}` : "";
    return `${hub.base_url}spawn-pending/${apiPath(user)}${server ? `/${apiPath(server)}` : ""}${query}`;
  }

  /** null = the service cannot be used now; else {url} or {message, fields}. */
  async function viaService(form, where, request) {
    if (!tiles.data.service_url || where.user !== hub.user) return null;
    try {
      const body = { ...request, name: where.server || "default" };
      const response = await service.call(tiles.data.service_url, where.user, "POST", serviceCall(where), body);
      return response && (await serviceAnswer(response, where));
    } catch {
      return null;
    }
  }

  /** This page's own named server is started again; one that the Hub made with the page is new. */
  function serviceCall({ server }) {
    const again = tiles.data.again && server && server === tiles.data.server;
    return again ? `runtimes/${apiPath(server)}/start` : "runtimes";
  }

  async function serviceAnswer(response, where) {
    if (response.ok) return { url: pendingUrl(where) };
    const { error } = await response.json();
    if (!error) return null;
    // It began and failed at once: its card is on the pending page.
    if (error.code === "launch_failed") return { url: pendingUrl(where) };
    const drained = Boolean(error.details && error.details.drain);
    if (!drained && ![400, 409, 429].includes(response.status)) return null;
    const text = [error.message, error.details && error.details.hint].filter(Boolean).join(" ");
    return { message: text, fields: (error.details && error.details.fields) || {} };
  }

  /** Resolves once the Hub has said twice running that this server starts or runs: no need to wait for
      an answer. Once is not enough: the Hub calls a launch pending while it still decides to refuse it. */
  async function watch(where, signal) {
    let seen = 0;
    while (!signal.aborted) {
      await new Promise((done) => setTimeout(done, WATCH_MS));
      if (signal.aborted) break;
      seen = (await underway(where)) ? seen + 1 : 0;
      if (seen === 2) return { url: pendingUrl(where) };
    }
    return new Promise(() => {});
  }

  async function underway({ user, server }) {
    const model = await serverModel(user, server);
    return Boolean(model && (model.pending === "spawn" || model.ready));
  }

  /** The Hub's form handler. Its answer to bad input is this very page with the errors in it. */
  async function viaHub(form, where) {
    const response = await fetch(where.action, {
      method: "POST",
      body: new FormData(form),
      credentials: "same-origin",
      redirect: "manual",
    });
    // Started: the Hub sends the browser to the pending page. A launch that failed within the first
    // second has its failure card there too. 503 is a refusal: the site takes no launches now.
    const begun = response.type === "opaqueredirect" || response.status >= 500;
    if (begun && response.status !== 503) return { url: pendingUrl(where) };
    return hubRefusal(response);
  }

  async function hubRefusal(response) {
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const note = page.getElementById("rt-form-error");
    const fields = {};
    page.querySelectorAll("#rt-form-error [data-field]").forEach((item) => {
      const name = item.dataset.field;
      fields[name] = item.textContent.replace(`${name}: `, "");
    });
    const text = note ? (note.querySelector("p") || {}).textContent : await errorText(response);
    return { message: (text || "").trim(), fields };
  }

  /** {url} to go to, or {message, fields} to show. Throws when nothing answers. */
  async function start(form) {
    let request;
    let where;
    try {
      where = target(form);
      request = launchRequest(form);
    } catch (error) {
      return { message: "", fields: { [error.field]: error.message } };
    }
    const watcher = new AbortController();
    try {
      const post = async () => {
        const answer = await viaService(form, where, request);
        if (answer) return answer;
        return (await underway(where)) ? { url: pendingUrl(where) } : viaHub(form, where);
      };
      return await Promise.race([post(), watch(where, watcher.signal)]);
    } finally {
      watcher.abort();
    }
  }

  return { start };
})();
