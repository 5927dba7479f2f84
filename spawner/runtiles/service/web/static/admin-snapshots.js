// What everybody's snapshots take, by user.
import { refreshed } from "./admin-poll.js";
import { once, Table } from "./admin-table.js";
import { get } from "./api.js";
import { el, set } from "./dom.js";
import { ago, bytes, count, exactly } from "./format.js";

const EVERY_MS = 60_000;

function owner({ user }, td) {
  const { link } = once(td, () => ({ link: el("a") }));
  set(link, { text: user, href: `#runtimes?${new URLSearchParams({ user })}` });
}

/** The bar compares with who has the most. */
const sizes = (largest) => ({ size }, td) => {
  const { words, fill } = once(td, () => {
    const inner = el("div");
    return { words: el("span", { class: "rt-cell-main" }), track: el("div", { class: "rt-bar", "aria-hidden": "true" }, inner), fill: inner };
  });
  set(words, { text: bytes(size) });
  fill.style.width = `${(100 * size) / (largest() || 1)}%`;
};

export function snapshots(root) {
  let largest = 0;
  const columns = [
    { id: "user", title: "Owner", row: true, cell: owner },
    { id: "count", title: "Snapshots", number: true, cell: ({ count: many }) => String(many) },
    { id: "size", title: "Size", cell: sizes(() => largest) },
    { id: "oldest", title: "Oldest", cell: ({ oldest }, td) => ((td.title = exactly(oldest)), ago(oldest).replaceAll(" ", "\u00a0")) },
  ];
  const table = new Table({ label: "Snapshots by owner", columns, keyOf: ({ user }) => user, empty: "Nobody has a snapshot." });
  const total = el("p", { class: "rt-muted rt-after", role: "status" });

  async function load() {
    const sums = await get("/admin/snapshots");
    largest = Math.max(0, ...sums.map(({ size }) => size));
    table.draw(sums);
    const add = (key) => sums.reduce((all, one) => all + one[key], 0);
    set(total, { text: sums.length ? `In all ${count(add("count"), "snapshot")} of ${count(sums.length, "user")}, ${bytes(add("size"))}.` : "" });
  }

  const poll = refreshed(root, load, EVERY_MS);
  root.append(table.node, total);
  return { show: () => poll.show(), hide: () => poll.hide() };
}
