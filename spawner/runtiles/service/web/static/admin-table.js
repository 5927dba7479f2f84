// Tables that are drawn again and again: rows keep their nodes, and with them focus and selection.
import { el, set } from "./dom.js";

/**
 * `columns`: {id, title, sort?, number?, row?: the row's heading, cell(item, td)}; `cell` fills a cell that
 * may be filled already, or returns its text. `keyOf` names a row. `onSort(key)` is called for a heading.
 */
export class Table {
  constructor({ label, columns, keyOf, onSort = null, empty = "Nothing here." }) {
    Object.assign(this, { columns, keyOf, onSort });
    this.rows = new Map();
    this.heads = new Map(columns.map((column) => [column.id, this.head(column)]));
    this.body = el("tbody");
    this.table = el("table", { class: "rt-table" }, el("caption", { class: "rt-sr", text: label }), el("thead", {}, el("tr", {}, ...this.heads.values())), this.body);
    this.box = el("div", { class: "rt-table-box", tabindex: "0", role: "group", "aria-label": label }, this.table);
    this.empty = el("p", { class: "rt-empty", text: empty, hidden: true });
    this.node = el("div", {}, this.box, this.empty);
    this.node.hidden = true;
  }

  head({ title, sort, number, fill }) {
    const th = el("th", { scope: "col", class: number ? "rt-number" : null });
    if (fill) fill(th);
    else if (sort && this.onSort) th.append(el("button", { type: "button", text: title, on: { click: () => this.onSort(sort) } }));
    else th.textContent = title;
    return th;
  }

  /** `sorted`: "key", or "-key" for the largest first. */
  draw(items, sorted = "") {
    const wanted = new Set(items.map(this.keyOf));
    [...this.rows].filter(([key]) => !wanted.has(key)).forEach(([key]) => this.drop(key));
    items.forEach((item, place) => this.place(item, place));
    this.columns.filter(({ sort }) => sort).forEach(({ id, sort }) => {
      const way = { [sort]: "ascending", [`-${sort}`]: "descending" }[sorted] || null;
      set(this.heads.get(id), { "aria-sort": way });
    });
    this.node.hidden = false;
    this.box.hidden = !items.length;
    this.empty.hidden = items.length > 0;
  }

  place(item, place) {
    const key = this.keyOf(item);
    if (!this.rows.has(key)) this.rows.set(key, this.make(key));
    const { tr, cells } = this.rows.get(key);
    this.columns.forEach(({ cell }, number) => {
      const text = cell(item, cells[number]);
      if (typeof text === "string" && cells[number].textContent !== text) cells[number].textContent = text;
    });
    const there = this.body.children[place];
    if (there !== tr) this.body.insertBefore(tr, there || null);
  }

  make(key) {
    const cells = this.columns.map(({ row, number }) => {
      return row ? el("th", { scope: "row" }) : el("td", { class: number ? "rt-number" : null });
    });
    return { tr: el("tr", { data: { key } }, ...cells), cells };
  }

  drop(key) {
    const { tr } = this.rows.get(key);
    this.rows.delete(key);
    const focused = tr.contains(document.activeElement);
    tr.remove();
    if (focused) this.box.focus();
  }
}

/** The nodes of a cell, made once: `once(td, () => ({…nodes}))` appends them and remembers them. */
export function once(td, make) {
  if (!td.made) {
    td.made = make();
    td.replaceChildren(...Object.values(td.made).filter((node) => !node.isConnected && !node.parentNode));
  }
  return td.made;
}

/** Back and forth through `total` rows; `go(offset)` is called for another page. */
export function pager(limit, go) {
  const text = el("span", { role: "status" });
  let offset = 0;
  const back = el("button", { type: "button", class: "rt-button rt-small", text: "Previous", on: { click: () => go(Math.max(0, offset - limit)) } });
  const on = el("button", { type: "button", class: "rt-button rt-small", text: "Next", on: { click: () => go(offset + limit) } });
  const node = el("nav", { class: "rt-pager", "aria-label": "Pages", hidden: true }, back, on, text);
  return {
    node,
    draw(now, total) {
      offset = now;
      back.disabled = offset === 0;
      on.disabled = offset + limit >= total;
      node.hidden = total === 0;
      back.hidden = on.hidden = total <= limit;
      set(text, { text: total ? `${offset + 1} to ${Math.min(offset + limit, total)} of ${total}` : "" });
    },
  };
}
