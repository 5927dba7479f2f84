// Who changed what: found by actor, action and target, a page at a time.
import { shownValue } from "./admin-fields.js";
import { later, refreshed, remember } from "./admin-poll.js";
import { once, pager, Table } from "./admin-table.js";
import { get } from "./api.js";
import { el, set } from "./dom.js";
import { exactly, moment } from "./format.js";

const EVERY_MS = 15_000;
const LIMIT = 50;
const FILTERS = { actor: "Actor", action: "Action", target: "Target" };

/** "title: Old → New; ok: true": details as people read them. */
export function detailText(details) {
  const { changes, ...rest } = details;
  const changed = Object.entries(changes || {}).map(([key, pair]) => `${key}: ${shownValue(pair[0])} → ${shownValue(pair[1])}`);
  const others = Object.entries(rest).map(([key, value]) => `${key}: ${key === "error" ? value.message || shownValue(value) : shownValue(value)}`);
  return [...changed, ...others].join("; ");
}

function details(item, td) {
  const { text } = once(td, () => ({ text: el("span", { class: "rt-cell-clip" }) }));
  const words = detailText(item.details);
  set(text, { text: words, title: words });
}

const COLUMNS = [
  { id: "at", title: "When", cell: ({ at }, td) => ((td.title = exactly(at)), moment(at)) },
  { id: "actor", title: "Actor", cell: ({ actor }) => actor },
  { id: "action", title: "Action", row: true, cell: ({ action }) => action },
  { id: "target", title: "Target", cell: ({ target }) => target },
  { id: "details", title: "Details", cell: details },
];

export function audit(root) {
  let asked = { actor: "", action: "", target: "", offset: 0 };
  const changed = later(() => change({ ...values(), offset: 0 }));
  const inputs = Object.fromEntries(Object.keys(FILTERS).map((key) => {
    const hint = { actor: "", action: "Such as runtime.stop", target: "Any part of it" }[key];
    return [key, el("input", { type: "search", class: "rt-input", id: `rt-audit-${key}`, placeholder: hint, autocomplete: "off", on: { input: changed } })];
  }));
  const fields = Object.entries(FILTERS).map(([key, label]) => el("div", { class: "rt-field" }, el("label", { for: `rt-audit-${key}`, text: label }), inputs[key]));
  const table = new Table({ label: "Audit log", columns: COLUMNS, keyOf: ({ id }) => String(id), empty: "Nothing is written down that matches." });
  const pages = pager(LIMIT, (offset) => change({ offset }));
  root.append(el("div", { class: "rt-toolbar rt-toolbar-fields" }, ...fields));

  const values = () => Object.fromEntries(Object.entries(inputs).map(([key, input]) => [key, input.value.trim()]));

  function change(more) {
    asked = { ...asked, ...more };
    remember("audit", { ...asked, offset: asked.offset || "" });
    return poll.now();
  }

  async function load() {
    const mine = asked;
    const { total, items } = await get("/admin/audit", { ...mine, limit: LIMIT });
    if (mine !== asked) return;
    table.draw(items);
    pages.draw(mine.offset, total);
  }

  const poll = refreshed(root, load, EVERY_MS);
  root.append(table.node, pages.node);
  return {
    show(query) {
      Object.keys(inputs).forEach((key) => query.has(key) && (inputs[key].value = query.get(key)));
      asked = { ...values(), offset: Number(query.get("offset")) || 0 };
      return poll.show();
    },
    hide: () => poll.hide(),
  };
}
