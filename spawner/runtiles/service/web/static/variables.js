// What one kernel holds: its variables, and what a pause would make of each.
import { Table } from "./admin-table.js";
import { get, path } from "./api.js";
import { el, set, setBar } from "./dom.js";
import { bytes, count } from "./format.js";
import { kernelTitle, lossList, noteList } from "./holdings.js";

/** Rows that are drawn; the rest is found by its name. */
const SHOWN = 300;
const ORDERS = {
  name: (a, b) => a.name.localeCompare(b.name),
  type: (a, b) => a.type.localeCompare(b.type) || a.name.localeCompare(b.name),
  bytes: (a, b) => a.bytes - b.bytes || a.name.localeCompare(b.name),
};

/** "yes", "yes, by its name", "no: it is an open socket" */
export function savedWord({ status, reason }) {
  const words = { saved: "yes", by_reference: "yes, by its name", skipped: "no" }[status] || status;
  return reason ? `${words}: ${reason}` : words;
}

/** The last word of a type; the whole of it is its tooltip. */
export function typeCell({ type }, td) {
  td.title = type;
  return type.split(".").pop();
}

const columnsOf = (saved) => [
  { id: "name", title: "Name", sort: "name", row: true, cell: ({ name }) => name },
  { id: "type", title: "Type", sort: "type", cell: typeCell },
  { id: "bytes", title: "Size", sort: "bytes", number: true, cell: ({ bytes: size }) => bytes(size) },
  { id: "saved", title: saved, cell: savedWord },
];

/** A list of variables that is searched and sorted; `saved` heads what became of each. */
export class VariableTable {
  constructor({ saved = "Saved by a pause", columns = columnsOf(saved), label = "Variables" } = {}) {
    this.all = [];
    this.shown = [];
    this.order = "name";
    this.search = el("input", { type: "search", class: "rt-input", placeholder: "Search names and types", "aria-label": "Search variables", autocomplete: "off", on: { input: () => this.draw() } });
    this.table = new Table({ label, columns, keyOf: ({ name }) => name, onSort: (key) => this.sort(key), empty: "No variable matches." });
    this.more = el("p", { class: "rt-muted", role: "status" });
    this.node = el("div", { class: "rt-variables" }, el("div", { class: "rt-toolbar" }, this.search), this.table.node, this.more);
  }

  /** A first press sorts sizes largest first, all else from A to Z. */
  sort(key) {
    const first = key === "bytes" ? `-${key}` : key;
    const other = key === "bytes" ? key : `-${key}`;
    this.order = this.order === first ? other : first;
    this.draw();
  }

  fill(variables) {
    this.all = variables;
    this.draw();
  }

  draw() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const fits = ({ name, type }) => words.every((word) => `${name} ${type}`.toLowerCase().includes(word));
    const down = this.order.startsWith("-");
    const by = ORDERS[this.order.replace("-", "")];
    const found = this.all.filter(fits).sort((a, b) => (down ? by(b, a) : by(a, b)));
    this.shown = found.slice(0, SHOWN);
    this.table.draw(this.shown, this.order);
    set(this.more, { text: found.length > SHOWN ? `The first ${SHOWN} of ${found.length}. Search for the others.` : "" });
    this.more.hidden = !this.more.textContent;
  }
}

/** Nodes for while a kernel is asked, and for when it does not say. `again` asks once more. */
export function asking(box, again) {
  const bar = el("div", { class: "rt-bar" });
  setBar(bar, null, "Asking the kernel");
  box.replaceChildren(el("p", { role: "status", text: "Asking the kernel…" }), bar);
  return (error) => {
    const button = el("button", { type: "button", class: "rt-button", text: "Ask again", on: { click: again } });
    const busy = error.code === "kernel_busy";
    const text = busy ? "The kernel is busy. What it holds can be listed when its cell has ended." : error.text || error.message;
    box.replaceChildren(el("p", { role: "alert", text }), el("div", { class: "rt-actions" }, button));
  };
}

function summary({ variables, losses, bytes: size, more = 0 }) {
  const lost = losses.length ? `; ${count(losses.length, "thing")} cannot be saved` : "; all of it can be saved";
  return variables.length ? `${count(variables.length + more, "variable")}, ${bytes(size)}${lost}.` : "It holds no variables.";
}

/** A view of the drawer; see kernels.js. */
export async function showVariables(view) {
  const { runtime, kernel, body, title, transfer: goTransfer } = view;
  title(`Variables of ${kernelTitle(kernel)}`);
  const box = el("div", {});
  body.replaceChildren(box);
  const failed = asking(box, () => showVariables(view));
  try {
    const found = await get(path`/runtimes/${runtime.name}/kernels/${kernel.id}/variables`);
    const table = new VariableTable();
    table.fill(found.variables);
    const transfer = el("button", { type: "button", class: "rt-button rt-small", text: "Transfer…", on: { click: goTransfer } });
    const head = el("div", { class: "rt-note-row" }, el("p", { text: summary(found) }), found.variables.length ? transfer : null);
    const lost = found.losses.length ? [el("h3", { text: "Would be lost by a pause" }), lossList(found.losses, "Would be lost by a pause")] : [];
    box.replaceChildren(...[head, ...lost, noteList(found.notes), found.variables.length ? table.node : null].filter(Boolean));
  } catch (error) {
    if (!("status" in error)) throw error;
    failed(error);
  }
}
