// The dialog before a pause: what is saved, what is lost and why, what it waits for.
import { path, post } from "./api.js";
import { open } from "./dialog.js";
import { el, set, setBar } from "./dom.js";
import { bytes, count, duration } from "./format.js";
import { busyOnes, jobsOf, kernelCard, lossesOf, notCarried, terminalCard } from "./holdings.js";
import { titleOf } from "./states.js";

const AFTER = "Then memory and GPUs are given back. Resume brings your notebooks back as they were saved, also in tabs that are still open.";

function takes(seconds) {
  return seconds >= 1 ? ` in about ${duration(seconds)}` : " at once";
}

function lead({ kernels, bytes: size, seconds }, losing) {
  if (!kernels.length) return "No notebook is running: nothing has to be saved. Memory and GPUs are given back, and your files stay.";
  const busy = busyOnes(kernels).length;
  if (!kernels.some(({ status }) => status === "ready")) return busy ? `Your variables are saved as soon as what runs has ended. ${AFTER}` : "There is nothing that could be saved.";
  const amount = `${bytes(size)}${takes(seconds)}`;
  if (losing) return `All else is saved: ${amount}. ${AFTER}`;
  if (busy) return `Nothing of the idle notebooks is lost: ${amount}. The others are saved when their cells have ended. ${AFTER}`;
  return `Nothing is lost. Your variables are saved: ${amount}. ${AFTER}`;
}

/** What must be said plainly, as a list of sentences. */
function warnings({ kernels, terminals, bytes: size, free }) {
  const lost = lossesOf(kernels);
  const whole = notCarried(kernels).length;
  const jobs = jobsOf(terminals).length;
  return [
    lost ? `${count(lost, "thing")} cannot be saved and would be lost. ${lost === 1 ? "It is" : "They are"} named below.` : "",
    whole ? `All variables of ${count(whole, "notebook")} would be lost: look for “not carried” below.` : "",
    jobs ? `${count(jobs, "program")} in terminals would be ended. ${jobs === 1 ? "It is" : "They are"} named below.` : "",
    free !== null && free !== undefined && size > free ? `Your storage has ${bytes(free)} left: too little for ${bytes(size)}.` : "",
  ].filter(Boolean);
}

class PauseDialog {
  constructor(runtime, act) {
    this.runtime = runtime;
    this.act = act;
    this.found = null;
    this.lead = el("p", { text: "Looking at what your notebooks hold…" });
    this.bar = el("div", { class: "rt-bar" });
    setBar(this.bar, null, "Looking at the kernels");
    this.warning = el("div", { class: "rt-note rt-note-bad", role: "status", hidden: true });
    this.kernels = el("ul", { class: "rt-kernels", "aria-label": "Kernels and terminals" });
    this.interrupt = el("input", { type: "checkbox", id: "rt-interrupt", on: { change: () => this.draw() } });
    this.choice = el("label", { class: "rt-check", for: "rt-interrupt", hidden: true }, this.interrupt, el("span", { text: "Interrupt what runs, like the stop button of a notebook" }));
    this.again = el("button", { type: "button", class: "rt-button", text: "Look again", hidden: true, on: { click: () => this.look() } });
    this.freeze = el("button", { type: "button", class: "rt-button", text: "Freeze instead", hidden: true, on: { click: () => this.freezeIt() } });
    this.aside = el("p", { class: "rt-hint", hidden: true, text: "Freeze instead loses nothing: everything stands still until you thaw it. It keeps its memory and GPUs." });
  }

  show() {
    return open({
      title: `Pause ${titleOf(this.runtime)}?`,
      body: [this.warning, this.lead, this.bar, this.kernels, this.choice, this.aside],
      others: [this.again, this.freeze],
      action: "Pause",
      wide: true,
      onOpen: (control) => {
        this.control = control;
        this.look();
      },
      onSubmit: () => this.submit(),
    });
  }

  get where() {
    return path`/runtimes/${this.runtime.name}/pause`;
  }

  async look() {
    const { main } = this.control;
    main.disabled = this.again.hidden = true;
    this.bar.hidden = false;
    set(this.lead, { text: "Looking at what your notebooks hold…" });
    this.warning.hidden = true;
    try {
      this.found = await post(this.where, { dry_run: true });
      this.draw();
    } catch (error) {
      set(this.lead, { text: error.text || error.message });
      this.again.hidden = false;
      this.bar.hidden = true;
    }
  }

  get losing() {
    const { kernels, terminals } = this.found;
    return lossesOf(kernels) + notCarried(kernels).length + jobsOf(terminals).length > 0;
  }

  draw() {
    const { found, losing } = this;
    const busy = busyOnes(found.kernels);
    const told = warnings(found);
    this.bar.hidden = true;
    this.again.hidden = !busy.length;
    set(this.lead, { text: lead(found, losing) });
    this.warning.hidden = !told.length;
    this.warning.replaceChildren(...told.map((text) => el("p", { text })));
    const cards = found.kernels.map((kernel) => kernelCard(kernel, { interrupt: this.interrupt.checked, losing }));
    this.kernels.replaceChildren(...cards, ...(found.terminals || []).map(terminalCard));
    this.choice.hidden = !busy.length;
    const frozen = this.runtime.actions.includes("freeze") && (busy.length > 0 || losing);
    this.freeze.hidden = this.aside.hidden = !frozen;
    const { main } = this.control;
    main.disabled = false;
    main.classList.toggle("rt-danger", losing);
    set(main, { text: losing ? "Pause anyway" : "Pause" });
  }

  async submit() {
    const body = { accept_loss: this.losing, interrupt: this.interrupt.checked };
    try {
      await post(this.where, body);
    } catch (error) {
      // Something changed since: the list has to be looked at again.
      if (error.code !== "would_lose") throw error;
      await this.look();
      throw new Error("Nothing was paused: something changed, and would be lost. Look at it above.");
    }
  }

  freezeIt() {
    this.control.close();
    this.act("freeze");
  }
}

/** Resolves true when the pause has begun. `act(name)` does another action of this runtime. */
export function pauseDialog(runtime, act) {
  return new PauseDialog(runtime, act).show();
}
