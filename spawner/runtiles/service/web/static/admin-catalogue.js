// Tiles and machines: where each comes from, switches, and the way to the editor.
import { editEntry, ifMatch, told } from "./admin-entry.js";
import { machineFields, tileFields } from "./admin-fields.js";
import { refreshed } from "./admin-poll.js";
import { once, Table } from "./admin-table.js";
import { del, get, put } from "./api.js";
import { confirm } from "./dialog.js";
import { el, say, set } from "./dom.js";
import { ago, exactly } from "./format.js";
import { machineSpec } from "./machines.js";

const EVERY_MS = 15_000;
const KINDS = {
  tiles: { one: "tile", fields: tileFields, switches: ["enabled", "hidden", "deprecated"], about: ({ image }) => image },
  machines: { one: "machine", fields: machineFields, switches: ["enabled", "hidden"], about: machineSpec },
};
const SOURCES = { file: "file", panel: "panel", both: "file, changed here" };
const SWITCHES = { enabled: "Enabled", hidden: "Hidden", deprecated: "Deprecated" };

class Catalogue {
  constructor(root, name) {
    Object.assign(this, { name, kind: KINDS[name] });
    const add = el("button", { type: "button", class: "rt-button rt-primary", text: `New ${this.kind.one}…`, on: { click: () => this.edit(null) } });
    this.ignored = el("div", { role: "status" });
    root.append(el("div", { class: "rt-toolbar" }, add));
    this.poll = refreshed(root, () => this.load(), EVERY_MS);
    this.table = new Table({ label: root.querySelector("h2").textContent, columns: this.columns(), keyOf: ({ slug }) => slug, empty: `There is no ${this.kind.one}.` });
    root.append(this.ignored, this.table.node);
  }

  columns() {
    return [
      { id: "title", title: this.kind.one[0].toUpperCase() + this.kind.one.slice(1), row: true, cell: (item, td) => this.named(item, td) },
      ...this.kind.switches.map((key) => ({ id: key, title: SWITCHES[key], cell: (item, td) => this.switched(item, td, key) })),
      { id: "source", title: "Comes from", cell: source },
      { id: "tools", title: "Change", cell: (item, td) => this.tools(item, td) },
    ];
  }

  async load() {
    const { items, ignored } = await get(`/admin/${this.name}`);
    this.items = items;
    this.table.draw(items);
    this.drawIgnored(ignored);
  }

  named(item, td) {
    const { title, slug, about, problem } = once(td, () => ({
      title: el("span", { class: "rt-cell-main" }),
      slug: el("span", { class: "rt-cell-sub rt-mono" }),
      about: el("span", { class: "rt-cell-sub rt-cell-wide" }),
      problem: el("span", { class: "rt-error" }),
    }));
    const marks = [item.default && "default", item.redirect && `leads to ${item.redirect}`].filter(Boolean).join(", ");
    set(title, { text: item.title, title: item.description });
    set(slug, { text: marks ? `${item.slug} · ${marks}` : item.slug });
    set(about, { text: this.kind.about(item) });
    set(problem, { text: item.problem || "" });
  }

  switched(item, td, key) {
    const { input } = once(td, () => {
      const box = el("input", { type: "checkbox", role: "switch", on: { change: () => this.flip(box, key) } });
      return { label: el("label", { class: "rt-pick" }, box), input: box };
    });
    if (!input.disabled) input.checked = item[key];
    input.item = item;
    input.setAttribute("aria-label", `${SWITCHES[key]}: ${item.title}`);
  }

  async flip(input, key) {
    const { item } = input;
    input.disabled = true;
    try {
      told(await put(this.path(item.slug), { [key]: input.checked }, ifMatch(item)));
      say(`${item.title}: ${input.checked ? "" : "not "}${SWITCHES[key].toLowerCase()}.`);
    } catch (error) {
      say(Object.values(error.fields || {}).join(" ") || error.text || error.message, { bad: true });
    }
    input.disabled = false;
    await this.poll.now();
    input.focus();
  }

  tools(item, td) {
    const { edit, back } = once(td, () => {
      const change = el("button", { type: "button", class: "rt-button rt-small", text: "Edit…", on: { click: () => this.edit(change.item) } });
      const reset = el("button", { type: "button", class: "rt-button rt-small", on: { click: () => this.drop(change.item) } });
      return { box: el("div", { class: "rt-actions" }, change, reset), edit: change, back: reset };
    });
    edit.item = item;
    edit.setAttribute("aria-label", `Edit ${item.title}`);
    set(back, { text: item.source === "panel" ? "Remove…" : "Back to the file…", hidden: item.source === "file" });
    back.setAttribute("aria-label", `${back.textContent.replace("…", "")}: ${item.title}`);
  }

  async edit(item) {
    const slugs = this.items?.map(({ slug }) => slug) || [];
    const saved = await editEntry({ kind: this.kind.one, fields: this.kind.fields, item, slugs, path: (slug) => this.path(slug) });
    if (saved) await this.poll.now();
  }

  async drop(item) {
    const gone = item.source === "panel";
    const text = gone
      ? `No file has this ${this.kind.one}: it is gone then. Runtimes of it can no longer be started.`
      : `What was changed here is forgotten: ${item.overridden.join(", ")}. The file counts again.`;
    await confirm({
      title: gone ? `Remove ${item.title}?` : `Take ${item.title} from the file again?`,
      text,
      action: gone ? "Remove" : "Back to the file",
      danger: true,
      onSubmit: async () => {
        await del(this.path(item.slug), ifMatch(item));
        await this.poll.now();
      },
    });
  }

  /** Changes of the panel that do not fit the files: they do not count, and can be thrown away. */
  drawIgnored(ignored) {
    this.ignored.replaceChildren(...ignored.map((entry) => {
      const { slug, problem } = entry;
      const forget = el("button", { type: "button", class: "rt-button rt-small", text: "Forget the change", on: { click: () => this.forget(entry) } });
      return el("div", { class: "rt-note rt-note-bad rt-note-row" }, el("span", { text: `A change of ${slug} does not fit the files and does not count: ${problem}` }), forget);
    }));
  }

  async forget(entry) {
    try {
      await del(this.path(entry.slug), ifMatch(entry));
    } catch (error) {
      say(error.text || error.message, { bad: true });
    }
    await this.poll.now();
  }

  path(slug) {
    return `/admin/${this.name}/${encodeURIComponent(slug)}`;
  }
}

function source({ source: from, file, overridden, updated, updated_by: who }, td) {
  const { where, by } = once(td, () => ({ where: el("span", { class: "rt-cell-main" }), by: el("span", { class: "rt-cell-sub" }) }));
  set(where, { text: SOURCES[from] || from, title: file || "" });
  const keys = from === "both" ? overridden.join(", ") : file || "";
  const changed = updated ? `${who || "somebody"}, ${ago(updated)}` : "";
  set(by, { text: [keys, changed].filter(Boolean).join(" · "), title: updated ? exactly(updated) : "" });
}

export function catalogue(root, name) {
  const view = new Catalogue(root, name);
  return { show: () => view.poll.show(), hide: () => view.poll.hide() };
}
