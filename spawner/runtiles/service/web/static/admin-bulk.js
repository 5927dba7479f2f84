// One action on the chosen runtimes: what will be touched, a word to the owners, and what came of it.
import { onOverview } from "./admin-overview.js";
import { post } from "./api.js";
import { open } from "./dialog.js";
import { el, say, set } from "./dom.js";
import { count } from "./format.js";
import { lossWords } from "./holdings.js";
import { keyOf, titleOf } from "./states.js";

/** As many as the service takes at once. */
const AT_ONCE = 500;
const MESSAGE_LIMIT = 2000;
const ACTIONS = {
  stop: { text: "Stop", done: "Asked to stop", danger: true, note: "Their files stay. What kernels hold in memory is lost." },
  start: { text: "Start", done: "Asked to start", note: "With the options of their last start." },
  pause: { text: "Pause", done: "Asked to pause", going: "its variables are being saved", note: "Variables are saved first; then memory and GPUs are given back." },
  resume: { text: "Resume", done: "Asked to resume", note: "With the variables they were paused with." },
  extend: { text: "Extend", done: "Extended", note: "So much longer than their present time limit." },
  delete: { text: "Delete", done: "Deleted", danger: true, note: "They are stopped and forgotten, with their logs. The owners' files stay in their storage." },
};

function listed(runtimes) {
  const line = (item) => el("li", {}, el("strong", { text: titleOf(item) }), ` of ${item.user} `, el("span", { class: "rt-muted", text: `(${item.name}, ${item.state})` }));
  return el("ul", { class: "rt-list-box", tabindex: "0", "aria-label": "Runtimes that are touched" }, ...runtimes.map(line));
}

function messageField(owners) {
  const id = "rt-bulk-message";
  const input = el("textarea", { id, class: "rt-input", rows: "3", maxlength: String(MESSAGE_LIMIT), "aria-describedby": `${id}-hint` });
  const hint = `They read it on their runtimes page, once each: ${count(owners, "owner")}.`;
  const node = el("div", { class: "rt-field" }, el("label", { for: id, text: "Message to the owners (optional)" }), input, el("span", { class: "rt-hint", id: `${id}-hint`, text: hint }));
  return { input, node };
}

function hoursField() {
  const input = el("input", { id: "rt-bulk-hours", class: "rt-input rt-short", type: "number", min: "0.25", max: "720", step: "0.25" });
  input.value = "4";
  return { input, node: el("div", { class: "rt-field" }, el("label", { for: "rt-bulk-hours", text: "Hours" }), input) };
}

function lossField() {
  const input = el("input", { type: "checkbox", id: "rt-bulk-loss", "aria-describedby": "rt-bulk-loss-hint" });
  const label = el("label", { class: "rt-check", for: "rt-bulk-loss" }, input, "Pause also where something would be lost");
  const hint = el("span", { class: "rt-hint", id: "rt-bulk-loss-hint", text: "Otherwise such a runtime goes on running, and you are told what it would lose." });
  return { input, node: el("div", {}, label, hint) };
}

/** Why one stayed as it was. */
function reason({ error }) {
  const { code, message, details } = error || {};
  if (code === "would_lose" && details?.kernels) return `It goes on running, for it would lose ${lossWords(details.kernels, details.terminals)}.`;
  return [message, details?.hint].filter(Boolean).join(" ") || "It failed.";
}

/** What became of each, those that failed first; when all worked their number. */
function report(action, results) {
  const failed = results.filter(({ ok }) => !ok);
  const worked = results.filter(({ ok }) => ok);
  const { text, done, going = done.toLowerCase() } = ACTIONS[action];
  if (!failed.length) return say(`${done}: ${count(results.length, "runtime")}.`);
  const line = ({ user, name }, words) => el("li", {}, el("strong", { text: `${name} of ${user}: ` }), words);
  const list = (label, lines) => el("ul", { class: "rt-list-box", tabindex: "0", "aria-label": label }, ...lines);
  const body = [
    el("p", { text: worked.length ? "These stayed as they were:" : "Nothing was changed:" }),
    list("What failed", failed.map((one) => line(one, reason(one)))),
  ];
  if (worked.length) body.push(el("p", { text: `${done}: ${count(worked.length, "runtime")}.` }), list("What worked", worked.map((one) => line(one, going))));
  return open({ title: `${text}: ${failed.length} of ${results.length} failed`, body, action: "", cancel: "Close", wide: true });
}

async function act(action, runtimes) {
  const { text, danger, note } = ACTIONS[action];
  const message = messageField(new Set(runtimes.map(({ user }) => user)).size);
  const hours = hoursField();
  const loss = lossField();
  const results = [];
  const many = count(runtimes.length, "runtime");
  const done = await open({
    title: `${text} ${many}?`,
    body: [el("p", { text: note }), listed(runtimes), action === "pause" && loss.node, action === "extend" && hours.node, message.node].filter(Boolean),
    action: `${text} ${many}`,
    danger: Boolean(danger),
    wide: true,
    async onSubmit() {
      const more = action === "extend" ? { seconds: Math.round(Number(hours.input.value) * 3600) } : {};
      if (action === "pause") more.accept_loss = loss.input.checked;
      if (more.seconds !== undefined && !(more.seconds > 0)) throw new Error("Say for how many hours.");
      const rest = runtimes.slice(results.length).map(({ user, name }) => ({ user, name }));
      for (let at = 0; at < rest.length; at += AT_ONCE) {
        const body = { action, runtimes: rest.slice(at, at + AT_ONCE), message: message.input.value, ...more };
        results.push(...(await post("/admin/runtimes/actions", body)).results);
      }
    },
  });
  return done && results;
}

/** The bar with the buttons, and what is chosen: also rows of other pages. `changed` is called after an action. */
export function bulkBar(changed) {
  const chosen = new Map();
  const hooks = [];
  const text = el("span", { role: "status" });
  const clear = el("button", { type: "button", class: "rt-link", text: "Choose none", on: { click: () => bar.choose([...chosen.values()], false) } });
  // What the service says is not there yet is not offered.
  onOverview(({ not_yet: absent }) => buttons.forEach((button) => (button.hidden = absent.includes(button.dataset.action))));
  const buttons = Object.entries(ACTIONS).map(([action, about]) => {
    const style = `rt-button rt-small${about.danger ? " rt-danger" : ""}`;
    return el("button", { type: "button", class: style, data: { action }, text: `${about.text}…`, disabled: true, on: { click: () => run(action) } });
  });

  async function run(action) {
    const results = await act(action, [...chosen.values()]);
    if (!results) return;
    results.filter(({ ok }) => ok).forEach((result) => chosen.delete(keyOf(result)));
    bar.draw();
    changed();
    report(action, results);
  }

  const bar = {
    node: el("div", { class: "rt-bulk", role: "group", "aria-label": "The chosen runtimes" }, ...buttons, text, clear),
    has: (key) => chosen.has(key),
    onDraw: (does) => hooks.push(does),
    choose(items, on) {
      items.forEach((item) => (on ? chosen.set(keyOf(item), item) : chosen.delete(keyOf(item))));
      bar.node.closest("section").querySelectorAll("tbody [data-key]").forEach((tr) => {
        tr.querySelector("input").checked = chosen.has(tr.dataset.key);
      });
      bar.draw();
    },
    /** The rows as they are now: what is asked about is what they have become. */
    seen: (items) => items.forEach((item) => chosen.has(keyOf(item)) && chosen.set(keyOf(item), item)),
    draw() {
      set(text, { text: chosen.size ? `${chosen.size} chosen` : "Choose runtimes to act on them." });
      clear.hidden = !chosen.size;
      buttons.forEach((button) => (button.disabled = !chosen.size));
      hooks.forEach((does) => does());
    },
  };
  return bar;
}
