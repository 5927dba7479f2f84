// Emptying the host and filling it again: what happens, and what became of each runtime.
import { refreshOverview } from "./admin-overview.js";
import { refreshed } from "./admin-poll.js";
import { once, Table } from "./admin-table.js";
import { del, get, post } from "./api.js";
import { confirm, open } from "./dialog.js";
import { el, set, setBar } from "./dom.js";
import { ago, count, exactly } from "./format.js";

const ACTING_MS = 1500;
const EVERY_MS = 10_000;
const LEVELS = { paused: "ok", stopped: "ok", resumed: "ok", waiting: "warn", failed: "bad" };
const STATES = {
  open: "This site accepts launches.",
  draining: "Launches are refused. What runs is put aside.",
  drained: "Launches are refused, and nothing runs: the host is yours.",
  resuming: "Launches are accepted. What was put aside is started again.",
};
const LEFT = "Launches are refused. Not everything could be put aside: see below.";
const HALF_WAY = " Nobody is at it: it ended half-way, and goes on when you ask again.";

function outcome({ outcome: text }, td) {
  const { chip } = once(td, () => ({ chip: el("span") }));
  set(chip, { text, class: `rt-chip rt-dot rt-${LEVELS[text] || "warn"}` });
}

const COLUMNS = [
  { id: "user", title: "Owner", cell: ({ user }) => user },
  { id: "name", title: "Runtime", row: true, cell: ({ name }) => name },
  { id: "outcome", title: "Outcome", cell: outcome },
  { id: "message", title: "Message", cell: ({ message }) => message || "" },
  { id: "at", title: "When", cell: ({ at }, td) => ((td.title = exactly(at)), ago(at)) },
];

class Drain {
  constructor(root) {
    this.state = el("p", { class: "rt-drain-state", role: "status" });
    this.told = el("p", { class: "rt-muted" });
    this.bar = el("div", { class: "rt-bar", hidden: true });
    const button = (text, click, look = "") => el("button", { type: "button", class: `rt-button ${look}`, text, on: { click } });
    this.start = button("Drain…", () => this.drain(), "rt-primary");
    this.back = button("Resume all…", () => this.resume(), "rt-primary");
    this.open = button("Accept launches again…", () => this.cancel());
    const actions = el("div", { class: "rt-actions rt-after" }, this.start, this.back, this.open);
    this.panel = el("div", { class: "rt-panel rt-drain", hidden: true }, this.state, this.told, this.bar, actions);
    this.heading = el("h3", { class: "rt-section-title", text: "Report" });
    root.append(this.panel);
    this.poll = refreshed(root, () => this.load(), () => (this.found?.acting ? ACTING_MS : EVERY_MS));
    this.table = new Table({ label: "Report of the drain", columns: COLUMNS, keyOf: ({ user, name }) => `${user}/${name}`, empty: "No runtime was put aside yet." });
    root.append(this.heading, this.table.node);
  }

  async load() {
    this.draw(await get("/admin/drain"));
  }

  draw(found) {
    this.found = found;
    const { state, acting, since, by, message, runtimes } = found;
    const underWay = ["draining", "resuming"].includes(state);
    const failed = runtimes.some(({ outcome: one }) => one === "failed");
    const words = state === "drained" && failed ? LEFT : STATES[state];
    set(this.state, { text: words + (underWay && !acting ? HALF_WAY : "") });
    const who = state !== "open" && since ? `Drained by ${by || "somebody"}, ${ago(since)}. ${message ? `Message: ${message}` : ""}` : "";
    set(this.told, { text: who, hidden: !who });
    this.drawBar(found, underWay);
    const again = state === "draining" || failed;
    set(this.start, { text: state === "open" ? "Drain…" : "Go on draining…", hidden: acting || state === "resuming" || (state === "drained" && !again) });
    set(this.back, { text: state === "resuming" ? "Go on resuming…" : "Resume all…", hidden: acting || state === "open" });
    this.start.classList.toggle("rt-primary", state !== "drained");
    set(this.open, { hidden: state === "open" });
    this.panel.hidden = false;
    this.table.draw(runtimes);
    this.heading.hidden = this.table.node.hidden = state === "open" && !runtimes.length;
  }

  drawBar({ state, runtimes }, underWay) {
    const waiting = (one) => (state === "draining" ? one === "waiting" : ["paused", "stopped"].includes(one));
    const done = runtimes.filter(({ outcome: one }) => !waiting(one)).length;
    this.bar.hidden = !underWay;
    const label = `${done} of ${count(runtimes.length, "runtime")} done`;
    if (underWay) setBar(this.bar, runtimes.length ? (100 * done) / runtimes.length : null, label);
  }

  async drain() {
    const { state, message: before, action: last } = this.found;
    const message = el("textarea", { id: "rt-drain-message", class: "rt-input", rows: "3", maxlength: "2000", "aria-describedby": "rt-drain-hint" });
    if (state !== "open") message.value = before;
    const radio = (value, text) => {
      const input = el("input", { type: "radio", name: "rt-drain-action", id: `rt-drain-${value}`, value });
      input.checked = value === (state === "open" ? "pause" : last);
      return el("label", { class: "rt-check", for: input.id }, input, text);
    };
    const choices = el("fieldset", { class: "rt-choices" }, el("legend", { class: "rt-label", text: "What runs is" }), radio("pause", "paused: variables are saved, but for what cannot be; one that cannot be paused goes on"), radio("stop", "stopped"));
    const word = el("input", { id: "rt-drain-word", class: "rt-input rt-short", autocomplete: "off", spellcheck: "false" });
    await open({
      title: "Drain this site?",
      body: [
        el("p", { text: "From now on no runtime can be started, by nobody and nowhere. Everything that runs is put aside: files stay; what cannot be saved is lost, and with “stopped” all variables are. The owners get your message." }),
        el("div", { class: "rt-field" }, el("label", { for: message.id, text: "Message" }), message, el("span", { class: "rt-hint", id: "rt-drain-hint", text: "Shown to the owners and to everybody who wants to start something." })),
        choices,
        el("div", { class: "rt-field" }, el("label", { for: word.id, text: "Type drain to go on" }), word),
      ],
      action: "Drain",
      danger: true,
      wide: true,
      onSubmit: async () => {
        if (word.value.trim().toLowerCase() !== "drain") {
          word.focus();
          throw new Error("Type drain to go on.");
        }
        const action = choices.querySelector("input:checked").value;
        await this.did(post("/admin/drain", { message: message.value.trim(), action }));
      },
    });
  }

  resume() {
    const aside = this.found.runtimes.filter(({ outcome: one }) => ["paused", "stopped"].includes(one)).length;
    return confirm({
      title: "Resume all?",
      text: `Launches are accepted again, and what was put aside is started with its last options: ${count(aside, "runtime")}.`,
      action: "Resume all",
      onSubmit: () => this.did(post("/admin/drain/resume")),
    });
  }

  cancel() {
    return confirm({
      title: "Accept launches again?",
      text: "Nothing is started: the owners start what they need.",
      action: "Accept launches",
      onSubmit: () => this.did(del("/admin/drain")),
    });
  }

  async did(asked) {
    await asked;
    await this.poll.now();
    await refreshOverview();
  }
}

export function drain(root) {
  const view = new Drain(root);
  return { show: () => view.poll.show(), hide: () => view.poll.hide() };
}
