// Copying variables of one kernel to another one, of this runtime or of another.
import { once, Table } from "./admin-table.js";
import { get, path, post } from "./api.js";
import { el, set } from "./dom.js";
import { bytes, count, duration } from "./format.js";
import { kernelTitle, lossList } from "./holdings.js";
import { titleOf } from "./states.js";
import { asking, typeCell, VariableTable } from "./variables.js";

const WORDS = { copied: "copied", kept: "not copied", skipped: "not copied", failed: "failed" };
const LEVELS = { copied: "ok", kept: "warn", skipped: "warn", failed: "bad" };
const WAYS = { kernel: "inside of the runtime", storage: "through your storage", http: "from server to server" };

function outcome({ status, reason }, td) {
  const { chip, why } = once(td, () => ({ chip: el("span"), why: el("span", { class: "rt-cell-sub" }) }));
  set(chip, { text: WORDS[status] || status, class: `rt-chip rt-dot rt-${LEVELS[status] || "warn"}` });
  set(why, { text: reason || (status === "kept" ? "There is one of this name." : "") });
}

const RESULTS = [
  { id: "name", title: "Variable", row: true, cell: ({ name }) => name },
  { id: "as", title: "Becomes", cell: (one) => one.as || one.name },
  { id: "type", title: "Type", cell: typeCell },
  { id: "bytes", title: "Size", number: true, cell: ({ bytes: size }) => bytes(size) },
  { id: "status", title: "Outcome", cell: outcome },
];

function field(label, input) {
  return el("div", { class: "rt-field" }, el("label", { for: input.id, text: label }), input);
}

class Transfer {
  constructor({ runtime, kernel }, variables) {
    this.runtime = runtime;
    this.kernel = kernel;
    this.chosen = new Set();
    this.names = new Map();
    this.to = el("select", { id: "rt-to-runtime", class: "rt-input", on: { change: () => this.offerKernels() } });
    this.toKernel = el("select", { id: "rt-to-kernel", class: "rt-input" });
    this.overwrite = el("input", { type: "checkbox", id: "rt-overwrite" });
    this.told = el("p", { role: "status" });
    this.problem = el("p", { class: "rt-error", role: "alert" });
    this.results = el("div", { class: "rt-results" });
    this.table = new VariableTable({ columns: this.columns() });
    this.table.fill(variables);
    const button = (text, click, look = "") => el("button", { type: "button", class: `rt-button ${look}`, text, on: { click } });
    this.all = button("Choose all that are shown", () => this.chooseShown(), "rt-small");
    this.try = button("Try it first", () => this.send(true));
    this.go = button("Transfer", () => this.send(false), "rt-primary");
    const check = el("label", { class: "rt-check", for: "rt-overwrite" }, this.overwrite, "Replace variables of the same name there");
    this.node = el(
      "div",
      { class: "rt-form rt-transfer" },
      el("p", { text: "Copies what you choose, with everything it needs. The variables here stay as they are." }),
      el("div", { class: "rt-two" }, field("To the runtime", this.to), field("Kernel", this.toKernel)),
      this.table.node,
      this.all,
      check,
      el("div", { class: "rt-actions" }, this.try, this.go),
      this.told,
      this.problem,
      this.results,
    );
    this.count();
  }

  columns() {
    return [
      { id: "check", title: "", fill: (th) => th.append(el("span", { class: "rt-sr", text: "Choose" })), cell: (one, td) => this.box(one, td) },
      { id: "name", title: "Name", sort: "name", row: true, cell: ({ name }) => name },
      { id: "type", title: "Type", sort: "type", cell: typeCell },
      { id: "bytes", title: "Size", sort: "bytes", number: true, cell: ({ bytes: size }) => bytes(size) },
      { id: "as", title: "New name", cell: (one, td) => this.rename(one, td) },
    ];
  }

  box({ name }, td) {
    const { input } = once(td, () => {
      const made = el("input", { type: "checkbox", "aria-label": `Choose ${name}`, on: { change: () => this.choose(name, made.checked) } });
      return { label: el("label", { class: "rt-pick" }, made), input: made };
    });
    input.checked = this.chosen.has(name);
  }

  rename({ name }, td) {
    const { input } = once(td, () => {
      const made = el("input", { class: "rt-input rt-small rt-mono", placeholder: name, "aria-label": `New name of ${name}`, autocomplete: "off", spellcheck: "false" });
      made.addEventListener("input", () => {
        this.names.set(name, made.value.trim());
        this.choose(name, true);
      });
      return { input: made };
    });
    td.closest("tr").querySelector('[type="checkbox"]').checked = this.chosen.has(name);
    if (input.value !== (this.names.get(name) || "")) input.value = this.names.get(name) || "";
  }

  choose(name, on) {
    if (on) this.chosen.add(name);
    else this.chosen.delete(name);
    this.table.draw();
    this.count();
  }

  chooseShown() {
    this.table.shown.forEach(({ name }) => this.chosen.add(name));
    this.table.draw();
    this.count();
  }

  count() {
    set(this.go, { text: this.chosen.size ? `Transfer ${count(this.chosen.size, "variable")}` : "Transfer" });
    this.go.disabled = this.try.disabled = !this.chosen.size || !this.toKernel.value;
  }

  /** The runtimes that run, this one first. */
  async offerRuntimes() {
    const running = (await get("/runtimes")).filter(({ state, user }) => state === "running" && user === this.runtime.user);
    const others = running.filter(({ name }) => name !== this.runtime.name);
    this.to.append(el("option", { value: this.runtime.name, text: `${titleOf(this.runtime)} (this one)` }));
    others.forEach((one) => this.to.append(el("option", { value: one.name, text: `${titleOf(one)} (${one.name})` })));
    await this.offerKernels();
  }

  async offerKernels() {
    this.toKernel.replaceChildren(el("option", { value: "", text: "Asking…" }));
    this.count();
    const wanted = this.to.value;
    try {
      const kernels = await get(path`/runtimes/${wanted}/kernels`);
      if (wanted !== this.to.value) return;
      const fit = kernels.filter(({ id, carried }) => id !== this.kernel.id && carried !== false);
      const options = fit.map((one) => el("option", { value: one.id, text: kernelTitle(one) }));
      this.toKernel.replaceChildren(...(fit.length ? options : [el("option", { value: "", text: "It has no other Python kernel" })]));
    } catch (error) {
      this.toKernel.replaceChildren(el("option", { value: "", text: "Its kernels cannot be listed" }));
      set(this.problem, { text: error.text || error.message });
    }
    this.count();
  }

  get body() {
    const names = [...this.chosen];
    const renamed = names.filter((name) => this.names.get(name) && this.names.get(name) !== name);
    const elsewhere = this.to.value !== this.runtime.name;
    return {
      from: { kernel: this.kernel.id },
      to: { runtime: elsewhere ? this.to.value : null, kernel: this.toKernel.value },
      names,
      rename: Object.fromEntries(renamed.map((name) => [name, this.names.get(name)])),
      overwrite: this.overwrite.checked,
    };
  }

  async send(dry) {
    set(this.problem, { text: "" });
    set(this.told, { text: dry ? "Looking…" : "Copying…" });
    this.go.disabled = this.try.disabled = true;
    this.results.replaceChildren();
    try {
      const found = await post(path`/runtimes/${this.runtime.name}/transfer`, { ...this.body, dry_run: dry });
      this.draw(found, dry);
    } catch (error) {
      set(this.told, { text: "" });
      set(this.problem, { text: error.text || error.message });
    }
    this.count();
  }

  draw({ variables, losses = [], bytes: size, seconds, way }, dry) {
    const copied = variables.filter(({ status }) => status === "copied").length;
    const rest = variables.length - copied;
    const how = dry ? "would be copied" : `copied ${WAYS[way] || ""} in ${seconds < 1 ? "less than a second" : duration(seconds)}`;
    set(this.told, { text: `${count(copied, "variable")} ${how}: ${bytes(size)}.${rest ? ` ${rest} not.` : ""}` });
    const table = new Table({ label: dry ? "What would happen" : "What happened", columns: RESULTS, keyOf: ({ name }) => name });
    table.draw(variables);
    const lost = losses.length ? [el("h3", { text: "Left out" }), lossList(losses, "Left out")] : [];
    this.results.replaceChildren(table.node, ...lost);
  }
}

/** A view of the drawer; see kernels.js. */
export async function showTransfer(view) {
  const { runtime, kernel, body, title } = view;
  title(`Transfer from ${kernelTitle(kernel)}`);
  const box = el("div", {});
  body.replaceChildren(box);
  const failed = asking(box, () => showTransfer(view));
  try {
    const { variables } = await get(path`/runtimes/${runtime.name}/kernels/${kernel.id}/variables`);
    const transfer = new Transfer(view, variables.filter(({ status }) => status !== "skipped"));
    box.replaceChildren(transfer.node);
    await transfer.offerRuntimes();
  } catch (error) {
    if (!("status" in error)) throw error;
    failed(error);
  }
}
