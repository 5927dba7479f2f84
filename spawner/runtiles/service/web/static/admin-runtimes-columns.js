// What stands in the cells of a runtime's row.
import { once } from "./admin-table.js";
import { site } from "./api.js";
import { el, set } from "./dom.js";
import { ago, count, duration, exactly, memory } from "./format.js";
import { isWatched, reasonText, shortly } from "./idle.js";
import { whyDialog } from "./keeping.js";
import { showLogs } from "./logs.js";
import { isLaunching, keyOf, level, pendingPath, progressText, titleOf } from "./states.js";

const NONE = "—";

function money({ so_far: sum, per_hour: price, currency }) {
  const figure = (value) => `${currency ? `${currency} ` : ""}${value.toFixed(2)}`;
  if (sum !== null) return figure(sum);
  return price ? `${figure(price)} / h` : NONE;
}

function usedMemory({ memory: used, memory_limit: limit }, td) {
  if (used === null) return NONE;
  td.title = limit ? `${memory(used)} of ${memory(limit)}` : "";
  return memory(used);
}

function usedGpu({ gpu_percent: percent, gpu_memory: used }) {
  if (percent === null) return used === null ? NONE : memory(used);
  return used === null ? `${percent} %` : `${percent} %, ${memory(used)}`;
}

function time(iso, td, text) {
  td.title = iso ? exactly(iso) : "";
  return iso ? text(iso) : NONE;
}

const left = (iso) => {
  const seconds = (Date.parse(iso) - Date.now()) / 1000;
  return seconds > 0 ? `in ${duration(seconds)}` : "its time is up";
};

function check(view) {
  const { bulk } = view;
  return {
    id: "check",
    title: "",
    fill(th) {
      const input = el("input", { type: "checkbox", "aria-label": "Choose all on this page", on: { change: () => bulk.choose(view.items, input.checked) } });
      bulk.onDraw(() => {
        const chosen = view.items.filter((item) => bulk.has(keyOf(item))).length;
        input.checked = chosen > 0 && chosen === view.items.length;
        input.indeterminate = chosen > 0 && chosen < view.items.length;
      });
      th.append(el("label", { class: "rt-pick" }, input));
    },
    cell(item, td) {
      const { input } = once(td, () => {
        const box = el("input", { type: "checkbox", on: { change: () => bulk.choose([box.item], box.checked) } });
        return { label: el("label", { class: "rt-pick" }, box), input: box };
      });
      input.item = item;
      input.checked = bulk.has(keyOf(item));
      input.setAttribute("aria-label", `Choose ${titleOf(item)} of ${item.user}`);
    },
  };
}

function owner(view) {
  return (item, td) => {
    const { button } = once(td, () => ({ button: el("button", { type: "button", class: "rt-link" }) }));
    set(button, { text: item.user, title: `Only what ${item.user} has` });
    button.onclick = () => {
      view.toolbar.read({ ...view.asked, user: item.user });
      view.change({ user: item.user });
    };
  };
}

function named(item, td) {
  const { title, name } = once(td, () => ({ title: el("span", { class: "rt-cell-main" }), name: el("span", { class: "rt-cell-sub" }) }));
  set(title, { text: titleOf(item), title: item.description || "" });
  set(name, { text: item.title && item.title !== item.name ? item.name : "" });
}

function state(item, td) {
  const { chip, more } = once(td, () => ({ chip: el("span"), more: el("span", { class: "rt-cell-sub" }) }));
  set(chip, { text: item.state, class: `rt-chip ${level(item.state) ? `rt-dot rt-${level(item.state)}` : ""}` });
  const text = isLaunching(item) ? progressText(item) : item.last_error?.message || "";
  set(more, { text, title: text });
}

/** Since when, and what comes; the sentence that says why is its tooltip. */
function idle(item, td) {
  const { idle_since: since, idle: told } = item;
  const { how, why } = once(td, () => ({ how: el("span", { class: "rt-cell-main" }), why: el("span", { class: "rt-cell-sub" }) }));
  set(how, { text: since ? duration((Date.now() - Date.parse(since)) / 1000) : NONE });
  set(why, { text: isWatched(item) ? shortly(told) : "" });
  td.title = reasonText(told);
}

function tools(item, td) {
  const { logs, progress, why } = once(td, () => {
    const button = el("button", { type: "button", class: "rt-button rt-small", text: "Logs", on: { click: () => showLogs(button.item) } });
    const link = el("a", { class: "rt-button rt-small", text: "Progress" });
    const reason = el("button", { type: "button", class: "rt-button rt-small", text: "Why", on: { click: () => whyDialog(reason.item, `${titleOf(reason.item)} of ${reason.item.user}`) } });
    return { box: el("div", { class: "rt-actions" }, button, link, reason), logs: button, progress: link, why: reason };
  });
  logs.item = why.item = item;
  why.hidden = !isWatched(item);
  why.setAttribute("aria-label", `Why is ${titleOf(item)} of ${item.user} alive?`);
  logs.setAttribute("aria-label", `Logs of ${titleOf(item)} of ${item.user}`);
  set(progress, { hidden: !isLaunching(item), href: pendingPath(site.hub, item) });
  progress.setAttribute("aria-label", `Progress of ${titleOf(item)} of ${item.user}`);
}

function gpuCount({ gpus }, td) {
  td.title = gpus.join("\n");
  return gpus.length ? count(gpus.length, "GPU") : NONE;
}

/** `view` has the chosen rows, and changes the filters. */
export function columns(view) {
  return [
    check(view),
    { id: "user", title: "Owner", sort: "user", cell: owner(view) },
    { id: "name", title: "Runtime", sort: "name", row: true, cell: named },
    { id: "state", title: "State", sort: "state", cell: state },
    { id: "tile", title: "Tile", sort: "tile", cell: ({ tile }) => tile || NONE },
    { id: "machine", title: "Machine", sort: "machine", cell: ({ machine }) => machine || NONE },
    { id: "gpus", title: "GPUs", cell: gpuCount },
    { id: "cpu", title: "CPUs", sort: "cpu", number: true, cell: ({ use }) => (use.cpu === null ? NONE : use.cpu.toFixed(2)) },
    { id: "memory", title: "Memory", sort: "memory", number: true, cell: ({ use }, td) => usedMemory(use, td) },
    { id: "gpu", title: "GPU use", number: true, cell: ({ use }) => usedGpu(use) },
    { id: "started", title: "Started", sort: "started_at", cell: (item, td) => time(item.started_at, td, ago) },
    { id: "expires", title: "Expires", sort: "expires_at", cell: (item, td) => time(item.expires_at, td, left) },
    { id: "idle", title: "Idle", cell: idle },
    { id: "cost", title: "Cost", sort: "cost", number: true, cell: ({ cost }) => money(cost) },
    { id: "tools", title: "Look", cell: tools },
  ];
}
