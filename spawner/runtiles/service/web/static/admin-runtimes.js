// Everybody's runtimes: filtered, sorted and cut by the service; one page of them here.
import { bulkBar } from "./admin-bulk.js";
import { onOverview, refreshOverview } from "./admin-overview.js";
import { later, refreshed, remember } from "./admin-poll.js";
import { columns } from "./admin-runtimes-columns.js";
import { stateChips } from "./admin-states.js";
import { pager, Table } from "./admin-table.js";
import { get } from "./api.js";
import { el } from "./dom.js";
import { keyOf } from "./states.js";

const EVERY_MS = 5000;
const LIMIT = 50;
const FIRST_SORT = "-started_at";
const NOTHING_ASKED = { search: "", user: "", tile: "", machine: "", state: "", sort: FIRST_SORT, offset: 0 };
/** What is largest first when its heading is pressed first. */
const DESCENDING = new Set(["started_at", "cost", "cpu", "memory"]);

function figures() {
  const node = el("dl", { class: "rt-figures" });
  onOverview(({ runtimes: states, users, gpus }) => {
    const total = Object.values(states).reduce((sum, n) => sum + n, 0);
    const pairs = [["Runtimes", total], ["Running", states.running || 0], ["Users with runtimes", users]];
    pairs.push(["GPUs free", gpus.total ? `${gpus.free} of ${gpus.total}` : "none here"]);
    node.replaceChildren(...pairs.map(([name, value]) => el("div", {}, el("dt", { text: name }), el("dd", { text: String(value) }))));
  });
  return node;
}

function choice(label, all) {
  return el("select", { class: "rt-input", "aria-label": label }, el("option", { value: "", text: all }));
}

/** Slugs with their titles, as soon as they are known; a slug of an address stays, known or not. */
async function offer(select, where, chosen) {
  const { items } = await get(where);
  items.forEach(({ slug, title }) => select.append(el("option", { value: slug, text: title })));
  choose(select, chosen());
}

function choose(select, value) {
  if (value && ![...select.options].some((option) => option.value === value)) select.append(el("option", { value, text: value }));
  select.value = value;
}

function toolbar(view) {
  const inputs = {
    search: el("input", { type: "search", class: "rt-input", placeholder: "Search names, titles, images", "aria-label": "Search runtimes", autocomplete: "off" }),
    user: el("input", { type: "text", class: "rt-input rt-short", placeholder: "Owner", "aria-label": "Owner", autocomplete: "off", list: "rt-owners" }),
    tile: choice("Tile", "All tiles"),
    machine: choice("Machine", "All machines"),
  };
  const typed = later(() => view.change({ search: inputs.search.value.trim(), user: inputs.user.value.trim() }));
  inputs.search.addEventListener("input", typed);
  inputs.user.addEventListener("input", typed);
  ["tile", "machine"].forEach((key) => inputs[key].addEventListener("change", () => view.change({ [key]: inputs[key].value })));
  ["tile", "machine"].forEach((key) => offer(inputs[key], `/admin/${key}s`, () => view.asked[key]).catch(() => {}));
  const owners = el("datalist", { id: "rt-owners" });
  return {
    node: el("div", { class: "rt-toolbar" }, ...Object.values(inputs), owners),
    read(asked) {
      inputs.search.value = asked.search;
      inputs.user.value = asked.user;
      ["tile", "machine"].forEach((key) => choose(inputs[key], asked[key]));
    },
    seen(users) {
      const known = new Set([...owners.options].map(({ value }) => value));
      users.filter((user) => !known.has(user)).forEach((user) => (known.add(user), owners.append(el("option", { value: user }))));
    },
  };
}

class View {
  constructor(root) {
    this.asked = NOTHING_ASKED;
    this.items = [];
    this.bulk = bulkBar(() => this.poll.now().then(refreshOverview));
    this.toolbar = toolbar(this);
    this.chips = stateChips((state) => this.change({ state }));
    const table = { label: "Runtimes", columns: columns(this), keyOf, empty: "No runtime matches." };
    this.table = new Table({ ...table, onSort: (key) => this.sort(key) });
    this.pager = pager(LIMIT, (offset) => this.change({ offset }, { keep: true }));
    root.append(figures(), this.toolbar.node, this.chips.node, this.bulk.node);
    this.poll = refreshed(root, () => this.load(), EVERY_MS);
    root.append(this.table.node, this.pager.node);
  }

  /** From the address: links lead to filtered lists. One that says nothing leaves the list as it was. */
  show(query) {
    const told = [...query].filter(([key]) => key in NOTHING_ASKED);
    if (told.length) this.asked = { ...NOTHING_ASKED, ...Object.fromEntries(told) };
    this.asked = { ...this.asked, offset: Math.max(0, Math.floor(Number(this.asked.offset)) || 0) };
    this.toolbar.read(this.asked);
    remember("runtimes", this.told());
    return this.poll.show();
  }

  told() {
    const { sort, offset, ...rest } = this.asked;
    return { ...rest, sort: sort === FIRST_SORT ? "" : sort, offset: offset || "" };
  }

  change(values, { keep = false } = {}) {
    this.asked = { ...this.asked, ...(keep ? {} : { offset: 0 }), ...values };
    remember("runtimes", this.told());
    return this.poll.now();
  }

  sort(key) {
    const first = DESCENDING.has(key) ? `-${key}` : key;
    const other = DESCENDING.has(key) ? key : `-${key}`;
    this.change({ sort: this.asked.sort === first ? other : first });
  }

  async load() {
    const asked = this.asked;
    const found = await get("/admin/runtimes", { ...asked, limit: LIMIT });
    if (asked !== this.asked) return;
    if (!found.items.length && found.offset && found.total) {
      this.asked = { ...asked, offset: Math.floor((found.total - 1) / LIMIT) * LIMIT };
      return this.load();
    }
    this.items = found.items;
    this.bulk.seen(found.items);
    this.toolbar.seen(found.items.map(({ user }) => user));
    this.chips.draw(found.counts, asked.state);
    this.table.draw(found.items, asked.sort);
    this.pager.draw(found.offset, found.total);
    this.bulk.draw();
  }
}

export function runtimes(root) {
  const view = new View(root);
  return { show: (query) => view.show(query), hide: () => view.poll.hide() };
}
