// The drawer with a runtime's log: by phase, filtered, followed while it grows.
import { get, path, site, texts } from "./api.js";
import { el } from "./dom.js";
import { ago, exactly } from "./format.js";
import { isActive, titleOf } from "./states.js";

const LOG_PHASES = { "": "All phases", pull: "Pull", build: "Build", workspace: "Workspace", server: "Server" };
/** Lines in the page; the rest is behind "Open as text". */
const KEPT = 5000;
const TAIL = 2000;

/** Whole lines of a stream of texts. */
async function* linesOf(pieces) {
  let rest = "";
  for await (const piece of pieces) {
    const parts = (rest + piece).split("\n");
    rest = parts.pop();
    yield parts.filter(Boolean).map((line) => JSON.parse(line));
  }
}

function select(label, options) {
  const node = el("select", { class: "rt-input", "aria-label": label });
  Object.entries(options).forEach(([value, text]) => node.append(el("option", { value, text })));
  return node;
}

class Drawer {
  constructor(runtime) {
    this.runtime = runtime;
    this.lines = [];
    this.control = null;
    this.waiting = false;
    this.build();
  }

  build() {
    const id = "rt-logs-title";
    this.phase = select("Phase", LOG_PHASES);
    this.launch = select("Launch", { "": "Latest launch" });
    this.filter = el("input", { type: "search", class: "rt-input", placeholder: "Filter lines", "aria-label": "Filter lines", autocomplete: "off" });
    this.follow = el("input", { type: "checkbox", id: "rt-follow" });
    this.follow.checked = isActive(this.runtime);
    this.times = el("input", { type: "checkbox", id: "rt-times" });
    this.box = el("pre", { class: "rt-lines", tabindex: "0", role: "log", "aria-live": "off", "aria-label": "Log" });
    this.note = el("p", { class: "rt-muted", role: "status" });
    this.whole = el("a", { class: "rt-button rt-small", target: "_blank", rel: "noopener", text: "Open as text" });
    const close = el("button", { type: "button", class: "rt-button", text: "Close", on: { click: () => this.dialog.close() } });
    const check = (input, text) => el("label", { class: "rt-check", for: input.id }, input, text);
    this.dialog = el(
      "dialog",
      { class: "rt-drawer", "aria-labelledby": id },
      el("div", { class: "rt-head" }, el("h2", { id, text: `Log of ${titleOf(this.runtime)}` }), close),
      el("div", { class: "rt-toolbar rt-logs-bar" }, this.filter, this.phase, this.launch, check(this.follow, "Follow"), check(this.times, "Times"), this.whole),
      this.note,
      this.box,
    );
  }

  show() {
    this.filter.addEventListener("input", () => this.drawSoon());
    this.times.addEventListener("change", () => this.drawSoon());
    [this.phase, this.launch, this.follow].forEach((input) => input.addEventListener("change", () => this.load()));
    this.dialog.addEventListener("close", () => {
      this.control?.abort();
      this.dialog.remove();
    });
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.load();
    this.listLaunches();
  }

  /** Whose: an admin looks at other people's, too. */
  get user() {
    return this.runtime.user === site.user ? "" : this.runtime.user;
  }

  get query() {
    return { user: this.user, phase: this.phase.value, launch: this.launch.value };
  }

  async listLaunches() {
    try {
      const launches = await get(path`/runtimes/${this.runtime.name}/launches`, { user: this.user });
      launches.slice(1).forEach(({ id, created, state }) => {
        this.launch.append(el("option", { value: id, text: `${ago(created)}: ${state}`, title: exactly(created) }));
      });
      this.launch.hidden = launches.length < 2;
    } catch {
      // The latest one can be read without the list.
      this.launch.hidden = true;
    }
  }

  async load() {
    this.control?.abort();
    const control = (this.control = new AbortController());
    this.lines = [];
    this.drawSoon();
    const where = path`/runtimes/${this.runtime.name}/logs`;
    const query = Object.entries(this.query).filter(([, value]) => value);
    this.whole.setAttribute("href", `${site.home}api${where}?${new URLSearchParams([...query, ["timestamps", "1"]])}`);
    const follow = this.follow.checked && !this.launch.value ? "1" : "";
    this.note.textContent = follow ? "Following…" : "";
    try {
      await this.read(where, { ...this.query, tail: TAIL, follow }, control);
      this.note.textContent = follow ? "The output has ended." : "";
    } catch (error) {
      if (control.signal.aborted) return;
      this.note.textContent = error.status === 404 ? "There is no log yet." : error.text || "The connection was lost.";
    }
  }

  async read(where, query, { signal }) {
    if (!query.follow) {
      this.lines = await get(where, query, { signal });
      return this.drawSoon();
    }
    const headers = { Accept: "application/x-ndjson" };
    for await (const lines of linesOf(texts(where, { query, headers, signal }))) {
      this.lines.push(...lines);
      if (this.lines.length > KEPT) this.lines.splice(0, this.lines.length - KEPT);
      this.drawSoon();
    }
    return undefined;
  }

  /** A thousand lines, one drawing. */
  drawSoon() {
    if (!this.waiting) requestAnimationFrame(() => this.draw());
    this.waiting = true;
  }

  draw() {
    this.waiting = false;
    const wanted = this.filter.value.toLowerCase();
    const shown = this.lines.filter(({ line }) => line.toLowerCase().includes(wanted));
    const atEnd = this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < 40;
    const text = ({ at, line }) => (this.times.checked ? `${new Date(at).toLocaleTimeString()}  ${line}` : line);
    this.box.textContent = shown.map(text).join("\n");
    if (atEnd) this.box.scrollTop = this.box.scrollHeight;
  }
}

export function showLogs(runtime) {
  new Drawer(runtime).show();
}
