// One runtime in the list. Its nodes are made once and changed in place, so that an update moves neither
// the focus nor anything under the mouse.
import { site } from "./api.js";
import { el, set, setBar, tileIcon } from "./dom.js";
import { Ending } from "./ending.js";
import { count, exactly, familiar } from "./format.js";
import { canExtend, canKeep, isWatched, reasonText } from "./idle.js";
import { menu } from "./menu.js";
import { savedText } from "./saved.js";
import { isLaunching, isPausing, leftText, level, pendingPath, progressText, sinceText, titleOf, whyText } from "./states.js";

/** What can be asked of a runtime by a button: its words, and when it is there. */
const BUTTONS = {
  resume: { text: "Resume", main: true, when: (r) => r.actions.includes("resume") },
  thaw: { text: "Thaw", main: true, when: (r) => r.actions.includes("thaw") },
  start: { text: "Start", main: true, when: (r) => r.actions.includes("start") },
  pause: { text: "Pause", when: (r) => r.actions.includes("pause") },
  unpause: { text: "Call off", when: (r) => isPausing(r) && r.phase !== "stopping" },
  stop: { text: "Stop", when: (r) => r.actions.includes("stop") },
  logs: { text: "Logs", when: () => true },
};
const MENU = {
  machine: { text: "Start on another machine…", when: (r) => r.actions.includes("start") },
  options: { text: "Start with other options…", when: (r) => r.actions.includes("start") },
  kernels: { text: "Kernels and variables…", when: (r) => r.state === "running" },
  why: { text: "Why is it alive?", when: isWatched },
  extend: { text: "Extend…", when: (r) => isWatched(r) && Boolean(r.expires_at) && canExtend(r.idle) },
  keep: { text: "Keep until…", when: (r) => isWatched(r) && canKeep(r.idle) },
  release: { text: "Keep no longer", when: (r) => isWatched(r) && Boolean(r.idle.held_until) },
  freeze: { text: "Freeze", when: (r) => r.actions.includes("freeze") },
  fork: { text: "Resume as a second runtime…", when: (r) => r.state === "paused" && Boolean(r.snapshot) },
  rename: { text: "Rename…", when: () => true },
  share: { text: "Launch link and badge…", when: (r) => Boolean(r.tile) },
  delete: { text: "Delete…", danger: true, when: (r) => r.actions.includes("delete") },
};

/** What went wrong, what it means for the runtime, what to do. */
function failureWords(state, { code, message, details }) {
  if (code === "cancelled") return ["The launch was cancelled.", "Nothing of it is left running; your files are kept."];
  const hint = code === "would_lose" ? "Press Pause to see what it is, and to pause anyway." : details?.hint;
  if (state === "running") return ["It was not paused, and goes on running.", message, hint];
  if (state === "paused") return ["It was not resumed; its snapshot is kept.", message, details?.hint];
  return [message, details?.hint];
}

export class Row {
  /** `act(name, row)` is called when a button is pressed, `spoken(text)` for what is to be read out. */
  constructor(runtime, names, act, spoken) {
    this.names = names;
    this.act = act;
    this.ending = new Ending((name) => act(name, this), spoken);
    this.runtime = runtime;
    this.build();
    this.update(runtime);
  }

  build() {
    const { names, runtime } = this;
    this.title = el("h2", { class: "rt-runtime-title", tabindex: "-1" });
    this.chip = el("span", { class: "rt-chip" });
    this.made = el("p", { class: "rt-runtime-made" });
    this.image = el("p", { class: "rt-mono rt-muted" });
    this.since = el("p", { class: "rt-runtime-since" });
    this.saved = el("p", {});
    this.left = el("p", {});
    this.why = el("p", { class: "rt-muted" });
    this.phase = el("p", {});
    this.bar = el("div", { class: "rt-bar" });
    this.launch = el("div", { class: "rt-runtime-launch" }, this.phase, this.bar);
    this.error = el("div", { class: "rt-note rt-note-bad rt-runtime-error" });
    this.said = el("p", { class: "rt-runtime-said", role: "status" });
    this.problem = el("p", { class: "rt-error", role: "alert" });
    this.icon = el("div", { class: "rt-runtime-icon" }, tileIcon(names.icon(runtime.tile), titleOf(runtime)));
    this.node = el(
      "li",
      { class: "rt-runtime rt-panel", data: { name: runtime.name } },
      this.icon,
      el("div", { class: "rt-runtime-text" }, el("div", { class: "rt-runtime-head" }, this.title, this.chip), this.made, this.image),
      el("div", { class: "rt-runtime-time" }, this.launch, this.since, this.saved, this.left, this.why),
      this.buildActions(),
      this.ending.node,
      this.error,
      this.said,
      this.problem,
    );
  }

  buildActions() {
    this.open = el("a", { class: "rt-button rt-primary" });
    this.buttons = new Map();
    const make = ([name, { text, main, danger }], kind) => {
      const button = el("button", {
        type: "button",
        class: `${kind} ${main ? "rt-primary" : ""} ${danger ? "rt-danger" : ""}`.trim(),
        text,
        data: { do: name },
        on: { click: () => this.act(name, this) },
      });
      this.buttons.set(name, button);
      return button;
    };
    const plain = Object.entries(BUTTONS).map((entry) => make(entry, "rt-button"));
    const more = Object.entries(MENU).map((entry) => make(entry, ""));
    this.more = menu(`More for ${titleOf(this.runtime)}`, "More", more);
    return el("div", { class: "rt-actions rt-runtime-actions" }, this.open, ...plain, this.more);
  }

  update(runtime) {
    this.runtime = runtime;
    const { names } = this;
    const title = titleOf(runtime);
    set(this.title, { text: title });
    set(this.chip, { text: runtime.state, class: `rt-chip ${level(runtime.state) ? `rt-dot rt-${level(runtime.state)}` : ""}` });
    set(this.made, { text: this.madeOf(runtime) });
    set(this.image, { text: familiar(runtime.image) });
    this.image.title = runtime.image_digest || "";
    this.node.dataset.state = runtime.state;
    this.icon.hidden = false;
    this.updateLaunch(runtime);
    this.updateSaved(runtime);
    this.updateError(runtime);
    this.updateActions(runtime);
    this.more.firstElementChild.setAttribute("aria-label", `More for ${title}`);
    this.made.title = runtime.gpus.join("\n");
    this.haystack = [title, runtime.name, runtime.tile, names.tile(runtime.tile), runtime.image, runtime.description, runtime.state].join("\n").toLowerCase();
    this.tick();
  }

  madeOf(runtime) {
    const { names } = this;
    const tile = names.tile(runtime.tile);
    const parts = [
      runtime.name === "default" ? "default runtime" : runtime.name,
      tile && tile !== runtime.title ? tile : "",
      runtime.machine ? names.machine(runtime.machine) : "",
      runtime.gpus.length ? count(runtime.gpus.length, "GPU") : "",
    ];
    return parts.filter(Boolean).join(" · ");
  }

  updateLaunch(runtime) {
    this.launch.hidden = !isLaunching(runtime) && !isPausing(runtime);
    if (this.launch.hidden) return;
    set(this.phase, { text: progressText(runtime) });
    const percent = runtime.progress?.percent;
    setBar(this.bar, typeof percent === "number" ? percent : null, `${isPausing(runtime) ? "Pause" : "Launch"} of ${titleOf(runtime)}`);
  }

  /** What a paused runtime waits with; its size comes a moment later. */
  updateSaved({ state, snapshot }) {
    const waits = state === "paused" && snapshot;
    if (waits && this.savedOf !== snapshot) {
      savedText(snapshot).then((text) => {
        set(this.saved, { text });
        this.saved.hidden = this.savedOf !== snapshot || !text;
      });
    }
    this.savedOf = waits ? snapshot : "";
    if (!waits) this.saved.hidden = true;
  }

  updateError({ state, last_error: error }) {
    this.error.hidden = !error;
    const cancelled = error?.code === "cancelled";
    this.error.classList.toggle("rt-note-bad", !cancelled);
    const words = error ? failureWords(state, error).filter(Boolean) : [];
    if (this.error.textContent === words.join("")) return;
    this.error.replaceChildren(...words.map((text) => el("p", { text })));
  }

  updateActions(runtime) {
    const focused = this.node.contains(document.activeElement) && document.activeElement;
    const launching = isLaunching(runtime);
    const where = runtime.url || (launching ? pendingPath(site.hub, runtime) : "");
    const still = ["frozen", "pausing"].includes(runtime.state);
    set(this.open, { text: launching ? "Progress" : "Open", href: where, hidden: !where || still });
    const title = titleOf(runtime);
    this.open.setAttribute("aria-label", `${this.open.textContent} ${title}`);
    this.buttons.forEach((button, name) => {
      const { text, when, main } = BUTTONS[name] || MENU[name];
      const taken = name === "start" && runtime.actions.includes("resume");
      const words = { stop: launching && "Cancel", start: taken && "Start empty…" }[name] || text;
      set(button, { text: words, hidden: !when(runtime) });
      button.classList.toggle("rt-primary", Boolean(main) && !taken);
      button.setAttribute("aria-label", `${words.replace("…", "")}: ${title}`);
    });
    const resume = this.buttons.get("resume");
    if (focused && focused.hidden) this.focus();
    else if (focused === this.title && !resume.hidden) resume.focus();
  }

  /** Shows it and marks it for somebody who came for it: Resume has the focus, or gets it later. */
  point() {
    this.node.classList.add("rt-runtime-wanted");
    this.node.scrollIntoView({ block: "center" });
    const resume = this.buttons.get("resume");
    (resume.hidden ? this.title : resume).focus();
  }

  /** The first thing that can be done with it. */
  focus() {
    const first = [this.open, ...this.buttons.values()].find((node) => !node.hidden && !node.disabled);
    (first || this.title).focus();
  }

  /** Texts that change with the clock. */
  tick() {
    const { runtime } = this;
    set(this.since, { text: sinceText(runtime) });
    this.since.title = runtime.since ? exactly(runtime.since) : "";
    set(this.left, { text: leftText(runtime) });
    set(this.why, { text: whyText(runtime), title: reasonText(runtime.idle) });
    this.ending.draw(runtime);
    [this.since, this.left, this.why].forEach((node) => (node.hidden = !node.textContent));
    // The warning says it, with what can be done.
    if (!this.ending.node.hidden) this.why.hidden = true;
  }

  /** While something that was asked for is under way; empty: it is over. */
  busy(text) {
    this.said.textContent = text;
    this.problem.textContent = "";
    this.buttons.forEach((button, name) => (button.disabled = Boolean(text) && name !== "logs"));
    this.ending.busy(Boolean(text));
  }

  fail(text) {
    this.busy("");
    this.problem.textContent = text;
  }
}
