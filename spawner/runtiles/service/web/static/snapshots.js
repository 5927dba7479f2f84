// The page of snapshots: what each one holds, resume, rename, download, delete, import.
import { get } from "./api.js";
import { byId, set, setBar } from "./dom.js";
import { bytes, count } from "./format.js";
import { importDialog } from "./snapshot-import.js";
import { SnapshotRow } from "./snapshot-row.js";

const EVERY_MS = 15_000;
const rows = new Map();
const tiles = new Map();
/** Bytes that a person's snapshots may take; 0 without a limit. */
const limit = Number(byId("rt-used-bar").dataset.limit);
const tileOf = ({ tile }) => tiles.get(tile) || tile;
let timer = 0;

/** What the storage holds of it, and what it may. */
function drawUsed(snapshots) {
  const used = snapshots.reduce((sum, { size }) => sum + size, 0);
  const text = limit ? `${bytes(used)} of ${bytes(limit)} used.` : `${bytes(used)} in all.`;
  set(byId("rt-used"), { text: snapshots.length ? `${count(snapshots.length, "snapshot")}. ${text}` : "" });
  const bar = byId("rt-used-bar");
  bar.hidden = !limit;
  if (limit) setBar(bar, (100 * used) / limit, "Space used by snapshots");
}

function draw(snapshots, runtimes) {
  const states = new Map(runtimes.map((runtime) => [runtime.name, runtime]));
  const wanted = new Set(snapshots.map(({ id }) => id));
  [...rows.keys()].filter((id) => !wanted.has(id)).forEach((id) => {
    const { node } = rows.get(id);
    const focused = node.contains(document.activeElement);
    node.remove();
    rows.delete(id);
    if (focused) byId("rt-main").focus();
  });
  snapshots.forEach((snapshot, place) => {
    if (rows.has(snapshot.id)) rows.get(snapshot.id).update(snapshot, states);
    else rows.set(snapshot.id, new SnapshotRow(snapshot, states, { changed: load, tileOf }));
    const { node } = rows.get(snapshot.id);
    const there = byId("rt-list").children[place];
    if (there !== node) byId("rt-list").insertBefore(node, there || null);
  });
  byId("rt-empty").hidden = snapshots.length > 0;
  drawUsed(snapshots);
}

async function load() {
  clearTimeout(timer);
  const note = byId("rt-lost");
  try {
    const [snapshots, runtimes] = await Promise.all([get("/snapshots"), get("/runtimes")]);
    draw(snapshots, runtimes);
    note.hidden = true;
  } catch (error) {
    if (!("status" in error)) throw error;
    set(note, { text: `${error.text} ${rows.size ? "What is shown may be old." : ""} Trying again…`, hidden: false });
  }
  byId("rt-loading").hidden = true;
  timer = setTimeout(again, EVERY_MS);
}

function again() {
  if (document.hidden) timer = setTimeout(again, EVERY_MS);
  else load();
}

byId("rt-import").addEventListener("click", async () => {
  await importDialog();
  load();
});
document.addEventListener("visibilitychange", () => document.hidden || load());
try {
  (await get("/tiles")).forEach(({ slug, title }) => tiles.set(slug, title));
} catch {
  // Slugs will do.
}
load();
