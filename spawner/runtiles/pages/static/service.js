// Calls of the Runtiles service from the Hub's pages. The service trusts its own cookie only on its own
// path, so they go with a token of the signed-in person that lives for a minute and may do nothing else.
window.runtiles.service = (() => {
  "use strict";
  const { apiPath, hubApi } = window.runtiles;
  const TOKEN_SECONDS = 60;
  /** Bodies above this size cannot outlive the page (the browser's limit is 64 KiB). */
  const KEEPALIVE_LIMIT = 60000;

  async function shortToken(user) {
    const scopes = ["access:services!service=runtiles", "servers!user", "read:users:name!user"];
    const body = JSON.stringify({ note: "A page about the own runtimes", expires_in: TOKEN_SECONDS, scopes });
    const response = await hubApi(apiPath("users", user, "tokens"), { method: "POST", body });
    return response.ok ? (await response.json()).token : null;
  }

  /** `url` is the service's address with a slash at its end. Resolves with the response, null without a token. */
  async function call(url, user, method, path, request) {
    const token = await shortToken(user);
    if (!token) return null;
    const body = request === undefined ? undefined : JSON.stringify(request);
    return fetch(`${url}api/${path}`, {
      method,
      credentials: "omit",
      keepalive: (body || "").length < KEEPALIVE_LIMIT,
      headers: { Authorization: `token ${token}`, Accept: "application/json", "Content-Type": "application/json" },
      body,
    });
  }

  return { call };
})();
