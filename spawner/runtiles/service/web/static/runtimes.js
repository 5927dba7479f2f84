// The runtimes page: the list as the feed tells it.
import { actsWith } from "./acts.js";
import { get } from "./api.js";
import { byId, say, set } from "./dom.js";
import { listen } from "./feed.js";
import { galleryAddress } from "./gallery.js";
import { showNotices } from "./notices.js";
import { Row } from "./row.js";
import { shareDialog } from "./share.js";
import { isActive, keyOf, titleOf } from "./states.js";

const CLOCK_MS = 10_000;
/** From so many on, a toolbar helps. */
const MANY = 6;
const rows = new Map();
const catalogue = { tiles: new Map(), machines: new Map() };
/** Whom a link asks for: /?runtime=NAME. */
const wanted = new URLSearchParams(location.search).get("runtime");
let told = null;
let notices = [];

/** How things are called: titles where they are known, slugs else. */
const names = {
  tile: (slug) => catalogue.tiles.get(slug)?.title || slug || "",
  icon: (slug) => catalogue.tiles.get(slug)?.icon || "",
  machine: (slug) => catalogue.machines.get(slug)?.title || slug || "",
};
const listedTiles = () => [...catalogue.tiles.values()];
const act = actsWith(listedTiles);

function place(runtime) {
  const row = new Row(runtime, names, act, speak);
  rows.set(keyOf(runtime), row);
  return row;
}

/** The order of the first look: what runs, then what ran last. Later nothing moves; new ones come first. */
function byActivity(a, b) {
  return isActive(b) - isActive(a) || (b.since || "").localeCompare(a.since || "") || a.name.localeCompare(b.name);
}

function onList(runtimes) {
  const there = new Set(runtimes.map(keyOf));
  [...rows.keys()].filter((key) => !there.has(key)).forEach(drop);
  const first = !told;
  if (first) byId("rt-list").append(...[...runtimes].sort(byActivity).map((runtime) => place(runtime).node));
  else runtimes.forEach(onRuntime);
  told = new Date();
  refresh();
  if (first && wanted) pointOut(runtimes);
}

function pointOut(runtimes) {
  const found = runtimes.find(({ name }) => name === wanted);
  if (found) rows.get(keyOf(found)).point();
  else say(`There is no runtime called ${wanted}.`, { bad: true });
}

function onRuntime(runtime) {
  const row = rows.get(keyOf(runtime));
  if (!row) {
    byId("rt-list").prepend(place(runtime).node);
  } else {
    if (row.runtime.state !== runtime.state) announce(runtime);
    row.update(runtime);
  }
  told = new Date();
  refresh();
}

function drop(key) {
  const row = rows.get(key);
  if (!row) return;
  const focused = row.node.contains(document.activeElement);
  rows.delete(key);
  row.node.remove();
  if (focused) byId("rt-main").focus();
}

function announce(runtime) {
  speak(`${titleOf(runtime)}: ${runtime.state}`);
}

function speak(text) {
  byId("rt-spoken").textContent = text;
}

function drawNotices() {
  const seen = [...rows.values()].filter(({ node }) => !node.hidden).map(({ runtime }) => runtime.name);
  showNotices(notices, (name) => seen.includes(name));
}

function refresh() {
  const words = byId("rt-search").value.toLowerCase().split(/\s+/).filter(Boolean);
  const state = byId("rt-state").value;
  const fits = { "": () => true, active: isActive, idle: (runtime) => !isActive(runtime) }[state];
  let shown = 0;
  rows.forEach((row) => {
    row.node.hidden = !(fits(row.runtime) && words.every((word) => row.haystack.includes(word)));
    shown += row.node.hidden ? 0 : 1;
  });
  drawNotices();
  byId("rt-toolbar").hidden = rows.size < MANY && !words.length && !state;
  byId("rt-loading").hidden = true;
  byId("rt-empty").hidden = rows.size > 0;
  byId("rt-none").hidden = !rows.size || shown > 0;
  set(byId("rt-new"), { href: galleryAddress([...rows.values()].map(({ runtime }) => runtime)) });
  byId("rt-first").setAttribute("href", byId("rt-new").getAttribute("href"));
  const running = [...rows.values()].filter(({ runtime }) => isActive(runtime)).length;
  byId("rt-count").textContent = rows.size ? `${running} active, ${rows.size - running} not running.` : "";
}

/** The list stays as it was last told; that is said. */
function onState(error) {
  const note = byId("rt-lost");
  note.hidden = !error;
  if (!error) return;
  const reason = error.status ? error.text : "The service does not answer.";
  const as = told ? `This is the list of ${told.toLocaleTimeString()}.` : "The list cannot be shown yet.";
  set(byId("rt-lost-text"), { text: `${reason} ${as} Trying again…` });
  byId("rt-loading").hidden = true;
}

function onHub({ up }) {
  byId("rt-hub-away").hidden = up;
}

async function loadCatalogue() {
  try {
    const [tiles, machines] = await Promise.all([get("/tiles"), get("/machines")]);
    tiles.forEach((tile) => catalogue.tiles.set(tile.slug, tile));
    machines.forEach((machine) => catalogue.machines.set(machine.slug, machine));
  } catch {
    // Slugs will do.
  }
}

byId("rt-search").addEventListener("input", refresh);
byId("rt-state").addEventListener("change", refresh);
byId("rt-share").addEventListener("click", () => {
  if (listedTiles().length) shareDialog(listedTiles());
  else say("This site lists no tiles.", { bad: true });
});
setInterval(() => {
  if (!document.hidden) rows.forEach((row) => row.tick());
}, CLOCK_MS);

await loadCatalogue();
// Until now nobody knew which tiles there are.
byId("rt-share").disabled = false;
listen("/events", {
  on: {
    runtimes: onList,
    runtime: onRuntime,
    gone: (runtime) => {
      drop(keyOf(runtime));
      refresh();
    },
    notices: (found) => {
      notices = found;
      drawNotices();
    },
    hub: onHub,
  },
  onState,
});
