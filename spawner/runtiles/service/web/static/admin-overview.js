// The head of the panel: versions, whether the site is drained, whether the engine answers.
import { get } from "./api.js";
import { byId, set } from "./dom.js";

const EVERY_MS = 15_000;
const DRAINS = {
  draining: "This site accepts no launches: it is being drained.",
  drained: "This site accepts no launches: it is drained.",
  resuming: "What was drained is being started again.",
};
const listeners = new Set();

/** Calls `does` with the latest overview whenever there is one. */
export function onOverview(does) {
  listeners.add(does);
}

function draw({ version, engine, engine_error: error, hub, drain }) {
  const parts = [`Runtiles ${version}`, hub && `JupyterHub ${hub}`, engine && `Engine ${engine}`];
  set(byId("rt-versions"), { text: parts.filter(Boolean).join(" · ") });
  set(byId("rt-drained-text"), { text: DRAINS[drain.state] || "" });
  byId("rt-drained").hidden = !DRAINS[drain.state];
  set(byId("rt-engine-away"), { text: error ? `The engine does not answer: ${error}` : "", hidden: !error });
}

export async function refreshOverview() {
  try {
    const found = await get("/admin");
    draw(found);
    listeners.forEach((does) => does(found));
  } catch {
    // The section that is shown says it.
  }
}

export function overview() {
  const look = () => !document.hidden && refreshOverview();
  setInterval(look, EVERY_MS);
  document.addEventListener("visibilitychange", look);
  return look();
}
