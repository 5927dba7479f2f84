// Server-sent events of the service, over fetch: the XSRF token stays in a header, and an error has a
// status. Connected while the page is looked at; a browser has few connections for all of its tabs.
import { ApiError, texts } from "./api.js";

const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 15_000;
/** The service says something every 5 s. A proxy may hold the connection when it is gone. */
const SILENCE_MS = 15_000;

/** Fields of one frame; a comment has none. */
function parse(frame) {
  const found = { event: "message", data: [] };
  for (const line of frame.split("\n")) {
    const cut = line.indexOf(":");
    const value = line.slice(cut + 1).replace(/^ /, "");
    if (line.startsWith("data:")) found.data.push(value);
    else if (line.startsWith("event:")) found.event = value;
  }
  return found;
}

/** Frames of a stream of texts, wherever these are cut. */
async function* frames(pieces) {
  let rest = "";
  for await (const piece of pieces) {
    const parts = (rest + piece).split("\n\n");
    rest = parts.pop();
    yield* parts;
  }
}

/**
 * Listens until `close()` is called. `on` maps an event's name to a function of its data. `onState` is
 * called with null when the feed is live and with an ApiError when it is not, the same once only.
 */
export function listen(where, { query, on, onState = () => {} }) {
  let control = null;
  let timer = 0;
  let watchdog = 0;
  let retry = FIRST_RETRY_MS;
  let closed = false;

  function alive() {
    clearTimeout(watchdog);
    const mine = control;
    watchdog = setTimeout(() => mine.abort(), SILENCE_MS);
  }

  async function read(signal) {
    for await (const frame of frames(texts(where, { query, signal }))) {
      alive();
      const { event, data } = parse(frame);
      if (!data.length) continue;
      retry = FIRST_RETRY_MS;
      onState(null);
      on[event]?.(JSON.parse(data.join("\n")));
    }
  }

  async function connect() {
    clearTimeout(timer);
    if (closed || control || document.hidden) return;
    const mine = (control = new AbortController());
    alive();
    let problem = new ApiError(0, { code: "unreachable", message: "The connection to the service was lost." });
    try {
      await read(mine.signal);
    } catch (error) {
      if (error instanceof ApiError) problem = error;
      else if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
    } finally {
      clearTimeout(watchdog);
      if (control === mine) control = null;
    }
    if (closed || document.hidden) return;
    onState(problem);
    timer = setTimeout(connect, retry * (0.8 + 0.4 * Math.random()));
    retry = Math.min(retry * 2, LAST_RETRY_MS);
  }

  function disconnect() {
    clearTimeout(timer);
    control?.abort();
    control = null;
  }

  function onVisibility() {
    if (document.hidden) disconnect();
    else connect();
  }

  document.addEventListener("visibilitychange", onVisibility);
  window.addEventListener("online", connect);
  connect();
  return {
    close() {
      closed = true;
      document.removeEventListener("visibilitychange", onVisibility);
      window.removeEventListener("online", connect);
      disconnect();
    },
  };
}
