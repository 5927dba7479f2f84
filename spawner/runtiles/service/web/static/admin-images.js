// The images on the host: how much they take, what needs them, pulls, and what may go.
import { refreshed } from "./admin-poll.js";
import { once, Table } from "./admin-table.js";
import { del, get, path, post, put } from "./api.js";
import { confirm, open } from "./dialog.js";
import { el, say, set, setBar } from "./dom.js";
import { ago, bytes, count, exactly } from "./format.js";

const PULLING_MS = 1500;
const EVERY_MS = 15_000;
const GB = 1e9;

const short = (id) => id.replace(/^sha256:/, "").slice(0, 12);
const nameOf = ({ references, id }) => references[0] || short(id);

function named(image, td) {
  const { name, more } = once(td, () => ({ name: el("span", { class: "rt-cell-main rt-cell-wide" }), more: el("span", { class: "rt-cell-sub rt-mono" }) }));
  set(name, { text: image.references.join(", ") || "without a name" });
  set(more, { text: `${image.kind === "layer" ? "layer made here · " : ""}${short(image.id)}`, title: image.id });
}

function used(image, td) {
  const { chip } = once(td, () => ({ chip: el("span") }));
  const [text, look] = image.in_use ? ["in use", "rt-dot rt-ok"] : [image.kept ? "kept for its tile" : "unused", ""];
  set(chip, { text, class: `rt-chip ${look}` });
}

function tilesOf({ tiles }, td) {
  const { text } = once(td, () => ({ text: el("span", { class: "rt-cell-main rt-cell-wide" }) }));
  set(text, { text: tiles.join(", ") || "—" });
}

/** A line that is there stays, so that its bar moves instead of jumping. */
function drawPull(line, pull) {
  const { bar, words } = once(line, () => ({
    title: el("strong", { text: pull.reference }),
    words: el("span"),
    bar: el("div", { class: "rt-bar" }),
  }));
  const going = pull.state === "pulling";
  set(line, { class: pull.state === "failed" ? "rt-note rt-note-bad rt-pull" : "rt-note rt-pull" });
  set(words, { text: going ? pull.message : `${pull.state}: ${pull.message}` });
  bar.hidden = !going;
  if (going) setBar(bar, pull.percent, `Pull of ${pull.reference}`);
  return line;
}

class Images {
  constructor(root) {
    this.disk = el("div", { class: "rt-panel rt-disk" });
    this.bar = el("div", { class: "rt-bar" });
    this.used = el("p");
    this.disk.append(this.used, this.bar, this.diskTools());
    this.pulls = el("div", { role: "group", "aria-label": "Pulls" });
    this.lines = new Map();
    root.append(this.disk, this.pullForm(), this.pulls);
    this.poll = refreshed(root, () => this.load(), () => (this.pulling ? PULLING_MS : EVERY_MS));
    this.table = new Table({ label: "Images", columns: this.columns(), keyOf: ({ id }) => id, empty: "No image of this site is on the host." });
    root.append(this.table.node);
    this.disk.hidden = true;
  }

  columns() {
    return [
      { id: "name", title: "Image", row: true, cell: named },
      { id: "size", title: "Size", number: true, cell: ({ size }) => bytes(size) },
      { id: "created", title: "Created", cell: ({ created }, td) => ((td.title = exactly(created)), ago(created)) },
      { id: "used", title: "Last used", cell: ({ last_used: at }, td) => ((td.title = at ? exactly(at) : ""), at ? ago(at) : "never") },
      { id: "tiles", title: "Tiles", cell: tilesOf },
      { id: "use", title: "Use", cell: used },
      { id: "tools", title: "Change", cell: (image, td) => this.tools(image, td) },
    ];
  }

  tools(image, td) {
    const { remove } = once(td, () => {
      const button = el("button", { type: "button", class: "rt-button rt-small", text: "Remove…", on: { click: () => this.remove(button.image) } });
      return { remove: button };
    });
    remove.image = image;
    set(remove, { disabled: image.in_use, title: image.in_use ? "A runtime uses it." : "" });
    remove.setAttribute("aria-label", `Remove ${nameOf(image)}`);
  }

  diskTools() {
    const tidy = el("button", { type: "button", class: "rt-button", text: "Remove unused…", on: { click: () => this.prune() } });
    const budget = el("button", { type: "button", class: "rt-button", text: "Disk budget…", on: { click: () => this.budget() } });
    return el("div", { class: "rt-actions" }, tidy, budget);
  }

  pullForm() {
    const input = el("input", { id: "rt-pull", class: "rt-input", autocomplete: "off", spellcheck: "false", placeholder: "registry.example/name:tag" });
    const error = el("span", { class: "rt-error", role: "alert" });
    const submit = async (event) => {
      event.preventDefault();
      error.textContent = "";
      try {
        this.draw(await post("/admin/images/pull", { image: input.value.trim() }));
        input.value = "";
        await this.poll.now();
      } catch (problem) {
        error.textContent = problem.fields?.image || problem.text || problem.message;
      }
    };
    const button = el("button", { type: "submit", class: "rt-button", text: "Pull" });
    return el("form", { class: "rt-inline", novalidate: true, on: { submit } }, el("label", { for: "rt-pull", text: "Pull an image" }), input, button, error);
  }

  async load() {
    this.draw(await get("/admin/images"));
  }

  draw({ images, disk, pulls }) {
    this.current = disk;
    this.disk.hidden = false;
    this.pulling = pulls.some(({ state }) => state === "pulling");
    this.drawPulls(pulls);
    const limit = disk.budget === null ? "no budget" : `of a budget of ${bytes(disk.budget)}`;
    const free = disk.free === null ? "" : `; ${bytes(disk.free)} free on the disk`;
    set(this.used, { text: `${count(images.length, "image")}, ${bytes(disk.used)}, ${limit}${free}` });
    const whole = disk.budget ?? (disk.free === null ? null : disk.used + disk.free);
    this.bar.hidden = !whole;
    if (whole) setBar(this.bar, (100 * disk.used) / whole, "Disk that the images take");
    this.bar.classList.toggle("rt-bar-full", Boolean(whole) && disk.used > whole);
    this.table.draw(images);
  }

  drawPulls(pulls) {
    const lines = pulls.map((pull) => drawPull(this.lines.get(pull.reference) || el("div"), pull));
    this.lines = new Map(pulls.map(({ reference }, place) => [reference, lines[place]]));
    [...this.pulls.children].filter((node) => !lines.includes(node)).forEach((node) => node.remove());
    lines.filter((node) => !node.parentNode).forEach((node) => this.pulls.append(node));
    this.pulls.hidden = !lines.length;
  }

  async remove(image) {
    const tiles = image.tiles.length ? `Tiles that start from it: ${image.tiles.join(", ")}. Their next start pulls it again.` : "No tile starts from it.";
    await confirm({
      title: `Remove ${nameOf(image)}?`,
      text: [tiles, "The layers that were made on it go with it."],
      action: "Remove",
      danger: true,
      onSubmit: () => del(path`/admin/images/${image.id}`),
    });
    await this.poll.now();
  }

  async prune() {
    const tiles = el("input", { type: "checkbox", id: "rt-prune-tiles" });
    const label = el("label", { class: "rt-check", for: tiles.id }, tiles, "Also those that tiles start from: their next start pulls them again");
    await open({
      title: "Remove unused images?",
      body: [el("p", { text: "What no runtime uses goes, and the layers made here that are older than the newest." }), label],
      action: "Remove unused",
      danger: true,
      async onSubmit() {
        const { removed, freed } = await post("/admin/images/prune", { tiles: tiles.checked });
        say(removed.length ? `Removed ${count(removed.length, "image")}: ${bytes(freed)} freed.` : "Nothing to remove.");
      },
    });
    await this.poll.now();
  }

  async budget() {
    const input = el("input", { id: "rt-budget", class: "rt-input", type: "number", min: "0", step: "any", autofocus: true, "aria-describedby": "rt-budget-hint" });
    if (this.current.budget !== null) input.value = String(this.current.budget / GB);
    const hint = "What does not fit is removed, the least recently used first. Empty: no limit.";
    await open({
      title: "Disk budget of the images",
      body: [el("div", { class: "rt-field" }, el("label", { for: "rt-budget", text: "GB" }), input, el("span", { class: "rt-hint", id: "rt-budget-hint", text: hint }))],
      action: "Save",
      async onSubmit() {
        if (input.validity.badInput || Number(input.value) < 0) throw new Error("Say a number, or nothing for no limit.");
        await put("/admin/images/budget", { bytes: input.value === "" ? null : Math.round(Number(input.value) * GB) });
      },
    });
    await this.poll.now();
  }
}

export function images(root) {
  const view = new Images(root);
  return { show: () => view.poll.show(), hide: () => view.poll.hide() };
}
