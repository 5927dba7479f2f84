// What ran in a time, summed up by whom or what, with bars to compare by.
import { refreshed, remember } from "./admin-poll.js";
import { once, Table } from "./admin-table.js";
import { get, site } from "./api.js";
import { el, set } from "./dom.js";

const EVERY_MS = 60_000;
const BY = { user: "User", team: "Team", tile: "Tile", machine: "Machine", runtime: "Runtime" };
const NOBODY = { team: "in no team", tile: "without a tile", machine: "without a machine", user: "nobody" };
const DAY_MS = 86_400_000;

const day = (ms) => new Date(ms).toISOString().slice(0, 10);

function bar(td, value, largest, text) {
  const { words, track, fill } = once(td, () => {
    const inner = el("div");
    return { words: el("span", { class: "rt-cell-main" }), track: el("div", { class: "rt-bar", "aria-hidden": "true" }, inner), fill: inner };
  });
  set(words, { text });
  track.hidden = !largest;
  fill.style.width = `${largest ? (100 * value) / largest : 0}%`;
}

function field(label, input) {
  return el("div", { class: "rt-field" }, el("label", { for: input.id, text: label }), input);
}

class Usage {
  constructor(root) {
    this.by = el("select", { id: "rt-usage-by", class: "rt-input" }, ...Object.entries(BY).map(([value, text]) => el("option", { value, text })));
    this.from = el("input", { id: "rt-usage-from", class: "rt-input", type: "date" });
    this.to = el("input", { id: "rt-usage-to", class: "rt-input", type: "date" });
    this.csv = el("a", { class: "rt-button", text: "Download CSV", download: true });
    const fields = [field("Sum up by", this.by), field("From", this.from), field("To", this.to)];
    root.append(el("div", { class: "rt-toolbar rt-toolbar-fields" }, ...fields, this.csv));
    this.poll = refreshed(root, () => this.load(), EVERY_MS);
    this.table = new Table({ label: "Usage", columns: this.columns(), keyOf: ({ key }) => key, empty: "Nothing ran in this time." });
    this.total = el("p", { class: "rt-muted rt-after", role: "status" });
    root.append(this.table.node, this.total);
    [this.by, this.from, this.to].forEach((input) => input.addEventListener("change", () => this.changed()));
  }

  columns() {
    const bars = [["hours", "Hours"], ["gpu_hours", "GPU hours"], ["cost", "Cost"]];
    return [
      { id: "key", title: "Of", row: true, cell: ({ key }) => key || NOBODY[this.by.value] },
      { id: "launches", title: "Runs", number: true, cell: ({ launches }) => String(launches) },
      ...bars.map(([key, title]) => ({ id: key, title, cell: (item, td) => bar(td, item[key], this.largest[key], this.figure(key, item[key])) })),
    ];
  }

  figure(key, value) {
    return key === "cost" ? [this.currency, value.toFixed(2)].filter(Boolean).join(" ") : value.toFixed(value < 10 ? 2 : 1);
  }

  show(query) {
    const now = Date.now();
    this.by.value = query.get("by") in BY ? query.get("by") : this.by.value || "user";
    this.from.value = query.get("from") || this.from.value || day(now - 29 * DAY_MS);
    this.to.value = query.get("to") || this.to.value || day(now);
    return this.poll.show();
  }

  changed() {
    remember("usage", this.asked);
    return this.poll.now();
  }

  get asked() {
    return { by: this.by.value, from: this.from.value, to: this.to.value };
  }

  async load() {
    const { asked } = this;
    this.csv.setAttribute("href", `${site.home}api/admin/usage?${new URLSearchParams({ ...asked, format: "csv" })}`);
    const { currency, items } = await get("/admin/usage", asked);
    this.currency = currency;
    const sum = (key) => items.reduce((all, item) => all + item[key], 0);
    this.largest = Object.fromEntries(["hours", "gpu_hours", "cost"].map((key) => [key, Math.max(0, ...items.map((item) => item[key]))]));
    this.table.draw(items);
    const words = `In all ${this.figure("hours", sum("hours"))} hours, ${this.figure("gpu_hours", sum("gpu_hours"))} GPU hours, ${this.figure("cost", sum("cost"))}.`;
    const twice = asked.by === "team" ? " Who is in two teams counts for both." : "";
    set(this.total, { text: items.length ? words + twice : "" });
  }
}

export function usage(root) {
  const view = new Usage(root);
  return { show: (query) => view.show(query), hide: () => view.poll.hide() };
}
