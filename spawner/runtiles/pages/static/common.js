// Shared by every page: the Hub's API with its XSRF token, texts, small helpers. No other host is asked.
window.runtiles = (() => {
  "use strict";
  const hub = window.jhdata;

  /** A path of the Hub's API from its parts, each of them escaped. */
  function apiPath(...parts) {
    return parts.map(encodeURIComponent).join("/");
  }

  /** The Hub's API path of a server; the unnamed one has a path of its own. */
  function serverPath(user, server) {
    return server ? apiPath("users", user, "servers", server) : apiPath("users", user, "server");
  }

  /** Calls the Hub as the person who looks at the page. */
  function hubApi(path, options = {}) {
    const headers = { "X-XSRFToken": hub.xsrf_token, Accept: "application/json" };
    // The Hub takes a cookie for a body of this type only.
    if (options.body) headers["Content-Type"] = "application/json";
    return fetch(`${hub.base_url}api/${path}`, { credentials: "same-origin", ...options, headers });
  }

  /** The Hub's model of a server (ready, pending, stopped); null when there is none or no answer. */
  async function serverModel(user, server) {
    try {
      const response = await hubApi(`${apiPath("users", user)}?include_stopped_servers=1`);
      return response.ok ? (await response.json()).servers[server] || null : null;
    } catch {
      return null;
    }
  }

  /** What an error answer says, in words; never HTML. */
  async function errorText(response) {
    if ([401, 403].includes(response.status)) return "Your session may have ended. Load the page again and sign in.";
    try {
      const body = await response.clone().json();
      return (body.error && body.error.message) || body.message || `Error ${response.status}`;
    } catch {
      return `The Hub answered with error ${response.status}.`;
    }
  }

  /** 1234567 -> "1.2 MB"; the decimal units that container tools show. */
  function bytes(count) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    let value = count;
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
      value /= 1000;
      unit += 1;
    }
    return `${value < 10 && unit ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
  }

  /** 75 -> "1 min 15 s" */
  function duration(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
    return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
  }

  /** How long ago, roughly: for "last used". */
  function ago(seconds) {
    const steps = [[60, "minute"], [3600, "hour"], [86400, "day"]];
    const step = steps.filter(([size]) => seconds >= size).pop();
    if (!step) return "just now";
    const count = Math.floor(seconds / step[0]);
    return `${count} ${step[1]}${count === 1 ? "" : "s"} ago`;
  }

  function byId(id) {
    return document.getElementById(id);
  }

  /** An element with text in it; text is never read as HTML. */
  function element(tag, className = "", text = "") {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text) node.textContent = text;
    return node;
  }

  /** Reads or (with a value) writes what the browser remembers; storage may be full or forbidden. */
  function remember(key, value) {
    try {
      if (value === undefined) return JSON.parse(localStorage.getItem(key));
      if (value === null) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify(value));
    } catch {
      // Remembering is a convenience: the page works without it.
    }
    return null;
  }

  return {
    hub, apiPath, serverPath, hubApi, serverModel, errorText, bytes, duration, ago, byId, element, remember,
  };
})();
