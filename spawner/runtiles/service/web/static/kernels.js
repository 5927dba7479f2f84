// The drawer with a runtime's kernels: what they do, interrupt, restart, and what they hold.
import { get, path, post } from "./api.js";
import { confirm } from "./dialog.js";
import { el, set } from "./dom.js";
import { duration } from "./format.js";
import { kernelTitle } from "./holdings.js";
import { titleOf } from "./states.js";
import { showTransfer } from "./transfer.js";
import { showVariables } from "./variables.js";

const EVERY_MS = 3000;
const LEVELS = { idle: "ok", busy: "warn", starting: "warn", restarting: "warn", dead: "bad" };

function stateText({ execution_state: state, busy_seconds: seconds }) {
  return state === "busy" && seconds >= 1 ? `busy for ${duration(seconds)}` : state;
}

/** One kernel of the list; its nodes stay, so that the focus does. */
class KernelRow {
  constructor(kernel, drawer) {
    this.drawer = drawer;
    this.title = el("h3", {});
    this.chip = el("span", { class: "rt-chip" });
    this.about = el("p", { class: "rt-muted" });
    this.said = el("p", { role: "status" });
    this.problem = el("p", { class: "rt-error", role: "alert" });
    const button = (text, click, look = "") => el("button", { type: "button", class: `rt-button rt-small ${look}`, text, on: { click } });
    this.buttons = {
      variables: button("Variables", () => drawer.look(showVariables, this.kernel)),
      transfer: button("Transfer…", () => drawer.look(showTransfer, this.kernel)),
      interrupt: button("Interrupt", () => this.interrupt()),
      restart: button("Restart…", () => this.restart(), "rt-danger"),
    };
    const actions = el("div", { class: "rt-actions" }, ...Object.values(this.buttons));
    const head = el("div", { class: "rt-runtime-head" }, this.title, this.chip);
    this.node = el("li", { class: "rt-kernel", data: { kernel: kernel.id } }, head, this.about, actions, this.said, this.problem);
    this.update(kernel);
  }

  update(kernel) {
    this.kernel = kernel;
    const title = kernelTitle(kernel);
    set(this.title, { text: title });
    const level = LEVELS[kernel.execution_state];
    set(this.chip, { text: stateText(kernel), class: `rt-chip ${level ? `rt-dot rt-${level}` : ""}` });
    const carried = kernel.carried === false ? "A pause cannot carry its variables." : "";
    set(this.about, { text: [kernel.language || kernel.name, carried].filter(Boolean).join(" · ") });
    ["variables", "transfer"].forEach((name) => (this.buttons[name].hidden = kernel.carried === false));
    Object.values(this.buttons).forEach((one) => one.setAttribute("aria-label", `${one.textContent.replace("…", "")}: ${title}`));
  }

  async ask(action, doing, did) {
    set(this.problem, { text: "" });
    set(this.said, { text: doing });
    try {
      await post(path`/runtimes/${this.drawer.runtime.name}/${action}`, { kernel: this.kernel.id });
      set(this.said, { text: did });
      await this.drawer.load();
    } catch (error) {
      set(this.said, { text: "" });
      set(this.problem, { text: error.text || error.message });
    }
  }

  interrupt() {
    return this.ask("interrupt", "Interrupting…", "It was asked to stop its cell.");
  }

  async restart() {
    const sure = await confirm({
      title: `Restart ${kernelTitle(this.kernel)}?`,
      text: "Its variables are lost; the notebook stays as it is.",
      action: "Restart",
      danger: true,
    });
    if (sure) await this.ask("restart", "Restarting…", "It has begun anew, without variables.");
  }
}

class Drawer {
  constructor(runtime) {
    this.runtime = runtime;
    this.rows = new Map();
    this.timer = 0;
    this.title = el("h2", { id: "rt-kernels-title", tabindex: "-1" });
    this.back = el("button", { type: "button", class: "rt-button", text: "All kernels", hidden: true, on: { click: () => this.list() } });
    const close = el("button", { type: "button", class: "rt-button", text: "Close", on: { click: () => this.dialog.close() } });
    this.body = el("div", { class: "rt-drawer-body" });
    this.note = el("p", { class: "rt-muted", role: "status" });
    this.kernels = el("ul", { class: "rt-kernels", "aria-label": "Kernels" });
    const head = el("div", { class: "rt-head" }, this.title, el("div", { class: "rt-actions" }, this.back, close));
    this.dialog = el("dialog", { class: "rt-drawer", "aria-labelledby": this.title.id }, head, this.body);
  }

  show() {
    this.dialog.addEventListener("close", () => {
      clearTimeout(this.timer);
      this.dialog.remove();
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.list();
  }

  /** The first view. */
  list() {
    set(this.title, { text: `Kernels of ${titleOf(this.runtime)}` });
    this.back.hidden = true;
    this.body.replaceChildren(this.note, this.kernels);
    if (!this.rows.size) set(this.note, { text: "Asking the runtime…" });
    return this.load();
  }

  /** Another view, of one kernel. */
  look(view, kernel) {
    clearTimeout(this.timer);
    this.back.hidden = false;
    view({ runtime: this.runtime, kernel, body: this.body, title: (text) => set(this.title, { text }), transfer: () => this.look(showTransfer, kernel) });
    this.title.focus();
  }

  async load() {
    clearTimeout(this.timer);
    try {
      const kernels = await get(path`/runtimes/${this.runtime.name}/kernels`);
      set(this.note, { text: kernels.length ? "" : "No kernel is running. Open a notebook to start one." });
      this.draw(kernels);
    } catch (error) {
      set(this.note, { text: error.text || error.message });
    }
    if (this.dialog.open && this.kernels.isConnected) this.timer = setTimeout(() => this.again(), EVERY_MS);
  }

  again() {
    if (!document.hidden) return this.load();
    this.timer = setTimeout(() => this.again(), EVERY_MS);
    return undefined;
  }

  draw(kernels) {
    const wanted = new Set(kernels.map(({ id }) => id));
    [...this.rows.keys()].filter((id) => !wanted.has(id)).forEach((id) => {
      this.rows.get(id).node.remove();
      this.rows.delete(id);
    });
    kernels.forEach((kernel) => {
      if (this.rows.has(kernel.id)) return this.rows.get(kernel.id).update(kernel);
      this.rows.set(kernel.id, new KernelRow(kernel, this));
      return this.kernels.append(this.rows.get(kernel.id).node);
    });
  }
}

export function showKernels(runtime) {
  new Drawer(runtime).show();
}
