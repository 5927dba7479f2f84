// One snapshot in the list. Its nodes are made once and changed in place.
import { del, patch, path, post, site } from "./api.js";
import { confirm, prompt } from "./dialog.js";
import { el, set } from "./dom.js";
import { ago, bytes, count, exactly } from "./format.js";
import { forkDialog } from "./forks.js";
import { kernelTitle, nameOf } from "./holdings.js";
import { menu } from "./menu.js";
import { showHeld } from "./snapshot-held.js";
import { trustDialog } from "./snapshot-import.js";

const ORIGINS = { pause: "", user: "taken while it ran", import: "imported" };
const LONGEST_NAME = 120;

function chips({ trusted, in_use: used, lost }) {
  const chip = (text, level = "") => el("span", { class: `rt-chip ${level ? `rt-dot rt-${level}` : ""}`, text });
  return [
    used ? chip("waits to be resumed", "ok") : null,
    trusted ? null : chip("not trusted", "warn"),
    lost ? chip(`${count(lost, "thing")} not in it`, "warn") : null,
  ].filter(Boolean);
}

export class SnapshotRow {
  /** `states`: the person's runtimes by name. `changed()` asks for the list again, `tileOf` gives a title. */
  constructor(snapshot, states, { changed, tileOf }) {
    this.changed = changed;
    this.tileOf = tileOf;
    this.title = el("h2", { class: "rt-runtime-title", tabindex: "-1" });
    this.chips = el("span", { class: "rt-chips" });
    this.of = el("p", {});
    this.notebooks = el("p", { class: "rt-muted rt-mono" });
    this.size = el("p", { class: "rt-runtime-since" });
    this.when = el("p", { class: "rt-muted" });
    this.said = el("p", { class: "rt-runtime-said", role: "status" });
    this.problem = el("p", { class: "rt-error", role: "alert" });
    this.node = el(
      "li",
      { class: "rt-runtime rt-snapshot rt-panel", data: { snapshot: snapshot.id } },
      el("div", { class: "rt-runtime-text" }, el("div", { class: "rt-runtime-head" }, this.title, this.chips), this.of, this.notebooks),
      el("div", { class: "rt-runtime-time" }, this.size, this.when),
      this.buildActions(),
      this.said,
      this.problem,
    );
    this.update(snapshot, states);
  }

  buildActions() {
    const button = (text, click, look = "rt-button") => el("button", { type: "button", class: look, text, on: { click } });
    this.buttons = {
      resume: button("Resume", () => this.resume(), "rt-button rt-primary"),
      again: button("Resume…", () => this.fork(), "rt-button rt-primary"),
      trust: button("Trust…", () => this.trust(), "rt-button rt-primary"),
      held: button("What is in it", () => showHeld(this.snapshot)),
    };
    this.download = el("a", { text: "Download", download: "" });
    this.second = button("Resume as a second runtime…", () => this.fork(), "");
    const more = [this.second, button("Rename…", () => this.rename(), ""), this.download, button("Delete…", () => this.remove(), "rt-danger")];
    this.more = menu("More", "More", more);
    return el("div", { class: "rt-actions rt-runtime-actions" }, ...Object.values(this.buttons), this.more);
  }

  update(snapshot, states) {
    this.snapshot = snapshot;
    const { runtime, trusted, kernels, variables, size, created, origin } = snapshot;
    const title = nameOf(snapshot);
    set(this.title, { text: title });
    this.chips.replaceChildren(...chips(snapshot));
    set(this.of, { text: [`of ${runtime}`, this.tileOf(snapshot), ORIGINS[origin]].filter(Boolean).join(" · ") });
    set(this.notebooks, { text: kernels.map(kernelTitle).join(", ") });
    set(this.size, { text: `${bytes(size)} · ${count(variables, "variable")}` });
    set(this.when, { text: `Saved ${ago(created)}` });
    this.when.title = exactly(created);
    const there = states.get(runtime);
    const { resume, again, trust } = this.buttons;
    resume.hidden = !trusted || !there || !there.actions.includes("start");
    again.hidden = !trusted || !resume.hidden;
    trust.hidden = trusted;
    this.second.hidden = resume.hidden;
    this.download.setAttribute("href", `${site.home}api${path`/snapshots/${snapshot.id}/export`}`);
    [...Object.values(this.buttons)].forEach((one) => one.setAttribute("aria-label", `${one.textContent.replace("…", "")}: ${title}`));
    this.more.firstElementChild.setAttribute("aria-label", `More for ${title}`);
  }

  busy(text) {
    set(this.said, { text });
    set(this.problem, { text: "" });
    Object.values(this.buttons).forEach((one) => (one.disabled = Boolean(text)));
  }

  fail(error) {
    this.busy("");
    set(this.problem, { text: error.text || error.message });
  }

  async resume() {
    const { id, runtime, in_use: used } = this.snapshot;
    const sure = used || (await confirm({
      title: `Resume ${runtime} with this snapshot?`,
      text: `${runtime} starts with the variables that were saved ${ago(this.snapshot.created)}.`,
      action: "Resume",
    }));
    if (!sure) return;
    this.busy("Resuming…");
    try {
      await post(path`/runtimes/${runtime}/resume`, { snapshot: id });
      location.assign(site.home);
    } catch (error) {
      this.fail(error);
    }
  }

  async fork() {
    const { id, runtime, tile } = this.snapshot;
    try {
      await forkDialog({ snapshot: id, wish: runtime === "default" ? tile : runtime, done: () => location.assign(site.home) });
    } catch (error) {
      this.fail(error);
    }
  }

  async trust() {
    if (await trustDialog(this.snapshot)) this.changed();
  }

  async rename() {
    const given = await prompt({
      title: "Name this snapshot",
      label: "Name",
      value: this.snapshot.name,
      hint: "One with a name is kept until you delete it. Those without make room for newer ones.",
      maxlength: LONGEST_NAME,
      onSubmit: (name) => patch(path`/snapshots/${this.snapshot.id}`, { name }),
    });
    if (given !== null) await this.changed();
  }

  async remove() {
    const { id, runtime, in_use: used } = this.snapshot;
    const lost = "The variables in it are gone for good. Files are not touched.";
    const waits = `${runtime} waits to be resumed from it and could only be started empty then.`;
    const sure = await confirm({
      title: `Delete ${nameOf(this.snapshot)}?`,
      text: used ? [waits, lost] : lost,
      action: "Delete",
      danger: true,
      onSubmit: () => del(path`/snapshots/${id}`, { query: used ? { force: 1 } : {} }),
    });
    if (sure) await this.changed();
  }
}
