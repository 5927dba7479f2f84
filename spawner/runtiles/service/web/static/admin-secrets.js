// Whose secrets there are, by name; those of teams are written and deleted here.
import { refreshed } from "./admin-poll.js";
import { once, Table } from "./admin-table.js";
import { del, get, path, put } from "./api.js";
import { confirm, open } from "./dialog.js";
import { el, say, set } from "./dom.js";
import { ago, exactly } from "./format.js";

const EVERY_MS = 30_000;

function input(id, label, more = {}) {
  const { hint, tag = "input", ...props } = more;
  const node = el(tag, { id, class: "rt-input", autocomplete: "off", spellcheck: "false", "aria-describedby": hint ? `${id}-hint` : null, ...props });
  const field = el("div", { class: "rt-field" }, el("label", { for: id, text: label }), node, hint ? el("span", { class: "rt-hint", id: `${id}-hint`, text: hint }) : null);
  return { node, field };
}

class Secrets {
  constructor(root) {
    const add = el("button", { type: "button", class: "rt-button rt-primary", text: "New team secret…", on: { click: () => this.write() } });
    this.search = el("input", { type: "search", class: "rt-input", placeholder: "Search owners and names", "aria-label": "Search secrets", autocomplete: "off", on: { input: () => this.draw() } });
    root.append(el("div", { class: "rt-toolbar" }, this.search, add));
    this.items = [];
    this.poll = refreshed(root, () => this.load(), EVERY_MS);
    this.table = new Table({ label: "Secrets", columns: this.columns(), keyOf: ({ kind, owner, name }) => `${kind}/${owner}/${name}`, empty: "No secrets." });
    root.append(this.table.node);
  }

  columns() {
    return [
      { id: "kind", title: "Of a", cell: ({ kind }) => kind },
      { id: "owner", title: "Owner", cell: ({ owner }) => owner },
      { id: "name", title: "Name", row: true, cell: ({ name }) => name },
      { id: "updated", title: "Written", cell: ({ updated }, td) => ((td.title = exactly(updated)), ago(updated)) },
      { id: "tools", title: "Change", cell: (item, td) => this.tools(item, td) },
    ];
  }

  tools(item, td) {
    if (item.kind !== "team") return "by its owner";
    const { write, remove } = once(td, () => {
      const button = (text, click) => el("button", { type: "button", class: "rt-button rt-small", text, on: { click } });
      const first = button("Write…", () => this.write(first.item));
      const second = button("Delete…", () => this.remove(second.item));
      return { box: el("div", { class: "rt-actions" }, first, second), write: first, remove: second };
    });
    write.item = remove.item = item;
    set(write, { "aria-label": `Write ${item.name} of ${item.owner}` });
    set(remove, { "aria-label": `Delete ${item.name} of ${item.owner}` });
    return null;
  }

  async load() {
    this.items = (await get("/admin/secrets")).items;
    this.draw();
  }

  draw() {
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const text = ({ kind, owner, name }) => `${kind} ${owner} ${name}`.toLowerCase();
    this.table.draw(this.items.filter((item) => words.every((word) => text(item).includes(word))));
  }

  /** The value goes one way: it is never shown again. */
  async write(item = null) {
    const team = input("rt-secret-team", "Team", { hint: "A group of the Hub.", list: "rt-secret-teams" });
    const name = input("rt-secret-name", "Name", { hint: "It is used as secret:NAME." });
    const value = input("rt-secret-value", "Value", { type: "password", autocomplete: "new-password" });
    const owners = [...new Set(this.items.filter(({ kind }) => kind === "team").map(({ owner }) => owner))];
    const known = el("datalist", { id: "rt-secret-teams" }, ...owners.map((owner) => el("option", { value: owner })));
    if (item) [team, name].forEach(({ node }, place) => ((node.value = [item.owner, item.name][place]), (node.disabled = true)));
    await open({
      title: item ? `Write ${item.name} of ${item.owner} anew` : "New team secret",
      body: [el("div", { class: "rt-stack" }, team.field, name.field, value.field, known)],
      action: "Save",
      async onSubmit() {
        const [whose, called] = [team, name].map(({ node }) => node.value.trim());
        if (!whose || !called || !value.node.value) throw new Error("Team, name and value must not be empty.");
        try {
          await put(path`/secrets/${called}`, { value: value.node.value }, { query: { team: whose } });
        } catch (error) {
          const texts = Object.entries(error.fields || {}).map(([key, text]) => `${key} ${text}`);
          throw texts.length ? new Error(`${texts.join("; ")}.`) : error;
        }
        say(`${called} of ${whose} is written.`);
      },
    });
    await this.poll.now();
  }

  async remove({ owner, name }) {
    await confirm({
      title: `Delete ${name} of ${owner}?`,
      text: "What asks for it does not start any more.",
      action: "Delete",
      danger: true,
      onSubmit: () => del(path`/secrets/${name}`, { query: { team: owner } }),
    });
    await this.poll.now();
  }
}

export function secrets(root) {
  const view = new Secrets(root);
  return { show: () => view.poll.show(), hide: () => view.poll.hide() };
}
