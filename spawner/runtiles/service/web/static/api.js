// The only file that calls the service: JSON in and out, the XSRF token, one kind of error.

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? "";

/** Where things are and who looks at the page; addresses end in a slash. */
export const site = Object.freeze({
  home: meta("runtiles-home"),
  hub: meta("runtiles-hub"),
  user: meta("runtiles-user"),
  admin: meta("runtiles-admin") === "1",
});

const API = `${site.home}api`;
/** A login that did not help within this time is not tried again. */
const LOGIN_AGAIN_MS = 15_000;
/** A proxy may hold a question for ever that a service took along when it ended. */
const PATIENCE_MS = 30_000;

/** What an answer that is no success says. `status` 0: nobody answered. */
export class ApiError extends Error {
  constructor(status, { code = "error", message = "", details = {} } = {}) {
    super(message || `The service answered with error ${status}.`);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.details = details || {};
  }

  /** What to do next, where somebody knows. */
  get hint() {
    return this.details.hint || "";
  }

  /** One text per bad field of what was sent. */
  get fields() {
    return this.details.fields || {};
  }

  /** Message and hint in one line. */
  get text() {
    return [this.message, this.hint].filter(Boolean).join(" ");
  }
}

const unreachable = () => new ApiError(0, { code: "unreachable", message: "The service does not answer." });

/** A path with every inserted part escaped: path`/runtimes/${name}/start`. */
export function path(texts, ...parts) {
  return texts.reduce((sofar, text, i) => sofar + encodeURIComponent(parts[i - 1]) + text);
}

function address(where, query) {
  const pairs = Object.entries(query || {}).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const list = pairs.flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)]));
  return API + where + (list.length ? `?${new URLSearchParams(list)}` : "");
}

/** Through the login and back to this page, but not round and round: false when it did not help before. */
export function logIn() {
  const KEY = "runtiles.login";
  try {
    const last = Number(sessionStorage.getItem(KEY) || 0);
    if (Date.now() - last < LOGIN_AGAIN_MS) return false;
    sessionStorage.setItem(KEY, String(Date.now()));
  } catch {
    // Without a memory there is no telling: one error is better than a loop.
    return false;
  }
  const here = location.pathname + location.search;
  location.assign(`${site.home}login?${new URLSearchParams({ next: here })}`);
  return true;
}

/** An answer that is no success, as an error: the session has ended, or another one began, or else. */
async function refused(response) {
  let error = {};
  try {
    error = (await response.json()).error || {};
  } catch {
    // A proxy's page: its status has to do.
  }
  const found = new ApiError(response.status, error);
  if ((found.status === 401 || found.code === "xsrf") && logIn()) return new Promise(() => {});
  throw found;
}

/** The answer, if it is a success. Throws ApiError; never resolves while the browser leaves to log in. */
export async function request(method, where, { query, body, headers, signal } = {}) {
  const options = { method, signal, credentials: "same-origin", cache: "no-store" };
  options.headers = { Accept: "application/json", "X-XSRFToken": meta("xsrf"), ...headers };
  if (body !== undefined) {
    options.body = JSON.stringify(body);
    options.headers["Content-Type"] = "application/json";
  }
  let response;
  try {
    response = await fetch(address(where, query), options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw unreachable();
  }
  return response.ok ? response : refused(response);
}

/** The answer's JSON, null when it has none. */
export async function call(method, where, options) {
  const response = await request(method, where, options);
  const text = await response.text();
  return text ? JSON.parse(text) : null;
}

export async function get(where, query, { signal = AbortSignal.timeout(PATIENCE_MS) } = {}) {
  try {
    return await call("GET", where, { query, signal });
  } catch (error) {
    throw error.name === "TimeoutError" ? unreachable() : error;
  }
}

export const post = (where, body = {}, options) => call("POST", where, { body, ...options });
export const put = (where, body, options) => call("PUT", where, { body, ...options });
export const patch = (where, body, options) => call("PATCH", where, { body, ...options });
export const del = (where, options) => call("DELETE", where, options);

/** Sends a file as it is; `onProgress` is told how much of it is there, from 0 to 1. */
export function upload(where, file, { query, onProgress = () => {} } = {}) {
  // fetch() does not tell how far an upload is.
  const asked = new XMLHttpRequest();
  asked.open("POST", address(where, query));
  asked.setRequestHeader("Accept", "application/json");
  asked.setRequestHeader("X-XSRFToken", meta("xsrf"));
  asked.setRequestHeader("Content-Type", "application/gzip");
  asked.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : null));
  return new Promise((resolve, reject) => {
    asked.addEventListener("error", () => reject(unreachable()));
    asked.addEventListener("load", () => {
      const answer = new Response(asked.responseText, { status: asked.status });
      (answer.ok ? answer.json() : refused(answer)).then(resolve, reject);
    });
    asked.send(file);
  });
}

/** The pieces of an answer's text as they come, until it ends or `signal` aborts. */
export async function* texts(where, options) {
  const response = await request("GET", where, options);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
