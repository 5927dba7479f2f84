// The GPUs of the host: who holds which, what each does, and who waits for one.
import { refreshed } from "./admin-poll.js";
import { once, Table } from "./admin-table.js";
import { get } from "./api.js";
import { el, set, setBar } from "./dom.js";
import { memory } from "./format.js";

const EVERY_MS = 5000;

/** A bar with its words; just a dash where nobody knows. */
function gauge(td, percent, text, label) {
  const { words, bar } = once(td, () => ({ words: el("span", { class: "rt-cell-main" }), bar: el("div", { class: "rt-bar" }) }));
  set(words, { text });
  bar.hidden = percent === null;
  if (percent !== null) setBar(bar, percent, label);
}

function usedMemory({ memory: all, memory_used: used, uuid }, td) {
  const known = all !== null && used !== null;
  const text = known ? `${memory(used)} of ${memory(all)}` : all === null ? "—" : memory(all);
  gauge(td, known ? (100 * used) / all : null, text, `Memory of ${uuid}`);
}

const utilization = ({ utilization: percent, uuid }, td) => gauge(td, percent, percent === null ? "—" : `${percent} %`, `Utilization of ${uuid}`);

function owner(item, td) {
  const { link } = once(td, () => ({ link: el("a") }));
  const { user, name } = item;
  set(link, { text: `${name} of ${user}`, href: `#runtimes?${new URLSearchParams({ user, search: name })}` });
}

function holder({ holder: found }, td) {
  if (found) return owner(found, td);
  td.made = null;
  return "free";
}

const GPU_COLUMNS = [
  { id: "model", title: "Model", row: true, cell: ({ model }) => model || "unknown" },
  { id: "holder", title: "Held by", cell: holder },
  { id: "memory", title: "Memory", cell: usedMemory },
  { id: "utilization", title: "Utilization", cell: utilization },
  { id: "uuid", title: "UUID", cell: ({ uuid }) => uuid },
];
const QUEUE_COLUMNS = [
  { id: "position", title: "Place", number: true, cell: ({ position }) => String(position) },
  { id: "who", title: "Runtime", row: true, cell: owner },
  { id: "gpus", title: "GPUs", number: true, cell: ({ gpus: wanted }) => String(wanted) },
  { id: "models", title: "Models", cell: ({ models }) => models.join(" or ") || "any" },
];

export function gpus(root) {
  const held = new Table({ label: "GPUs", columns: GPU_COLUMNS, keyOf: ({ uuid }) => uuid, empty: "This host has no GPUs that runtimes could use." });
  const queue = new Table({ label: "Queue", columns: QUEUE_COLUMNS, keyOf: ({ user, name }) => `${user}/${name}`, empty: "Nobody waits for a GPU." });
  const heading = el("h3", { class: "rt-section-title", text: "Queue", hidden: true });

  async function load() {
    const found = await get("/admin/gpus");
    held.draw(found.gpus);
    heading.hidden = queue.node.hidden = !found.gpus.length && !found.queue.length;
    if (!heading.hidden) queue.draw(found.queue);
  }

  const poll = refreshed(root, load, EVERY_MS);
  root.append(held.node, heading, queue.node);
  return { show: () => poll.show(), hide: () => poll.hide() };
}
