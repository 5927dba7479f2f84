// Chips that count the runtimes in each state, and choose states.
import { el, set } from "./dom.js";
import { level } from "./states.js";

const ORDER = ["running", "queued", "starting", "frozen", "pausing", "paused", "resuming", "stopping", "stopped", "failed"];

/** `onChange` gets the chosen states with commas between them; none chosen means all. */
export function stateChips(onChange) {
  const chosen = new Set();
  const chips = new Map();
  const all = chip("all", () => {
    chosen.clear();
    onChange("");
  });
  const node = el("div", { class: "rt-filters", role: "group", "aria-label": "States" }, all);

  function chip(state, click) {
    return el("button", { type: "button", class: `rt-filter ${level(state) ? `rt-dot rt-${level(state)}` : ""}`, on: { click } });
  }

  function toggle(state) {
    if (!chosen.delete(state)) chosen.add(state);
    onChange([...chosen].join(","));
  }

  function draw(counts, asked) {
    chosen.clear();
    asked.split(",").filter(Boolean).forEach((state) => chosen.add(state));
    ORDER.filter((state) => !chips.has(state)).forEach((state) => {
      chips.set(state, chip(state, () => toggle(state)));
      node.append(chips.get(state));
    });
    chips.forEach((button, state) => {
      const count = counts[state] || 0;
      set(button, { text: `${state} ${count}`, "aria-pressed": String(chosen.has(state)), hidden: !count && !chosen.has(state) });
    });
    const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
    set(all, { text: `all ${total}`, "aria-pressed": String(!chosen.size) });
  }

  return { node, draw };
}
