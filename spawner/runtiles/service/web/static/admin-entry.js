// The editor of a tile or a machine: what is wrong stands at its field, and what would change is shown
// before it is saved.
import { BLANK, changedKeys, CODECS, shownValue, valueOf } from "./admin-fields.js";
import { get, put } from "./api.js";
import { open } from "./dialog.js";
import { el, say, set } from "./dom.js";

const HINTS = { tile: "Lower-case letters, digits and single - between them. It is what people and links name it by.", machine: "Lower-case letters, digits and single - between them." };

/** The version that was read: what somebody else has changed since is not overwritten. */
export const ifMatch = ({ version }) => ({ headers: { "If-Match": `"${version}"` } });

export function told({ warnings }) {
  warnings.forEach((text) => say(text, { bad: true }));
}

function inputOf({ kind, rows, options, mono }, id) {
  const look = { id, class: `rt-input ${mono ? "rt-mono" : ""}`, autocomplete: "off", spellcheck: "false" };
  if (options) return el("select", look, ...Object.entries(options).map(([value, text]) => el("option", { value, text })));
  if (kind === "flag") return el("input", { id, type: "checkbox" });
  return rows ? el("textarea", { ...look, rows: String(rows) }) : el("input", look);
}

/** One field with its label, hint and place for what is wrong with it. */
class Field {
  constructor(spec, text) {
    Object.assign(this, spec);
    const id = `rt-entry-${spec.key.replace(".", "-")}`;
    this.input = inputOf(spec, id);
    this.error = el("span", { class: "rt-error", id: `${id}-error` });
    const hint = spec.hint ? el("span", { class: "rt-hint", id: `${id}-hint`, text: spec.hint }) : null;
    this.input.setAttribute("aria-describedby", [hint?.id, this.error.id].filter(Boolean).join(" "));
    const label = el("label", { for: id, text: spec.label });
    const inner = spec.kind === "flag" ? [el("span", { class: "rt-check" }, this.input, label)] : [label, this.input];
    this.node = el("div", { class: `rt-field ${spec.wide ? "rt-field-wide" : ""}` }, ...inner, hint, this.error);
    this.text = text;
  }

  get text() {
    return this.kind === "flag" ? (this.input.checked ? "1" : "") : this.input.value;
  }

  set text(text) {
    if (this.kind === "flag") this.input.checked = text === "1";
    else this.input.value = text;
  }

  fail(text) {
    this.error.textContent = text;
    set(this.input, { "aria-invalid": text ? "true" : null });
  }
}

function changesTable(changes) {
  const rows = Object.entries(changes).map(([key, [before, after]]) => el("tr", {}, el("th", { scope: "row", text: key }), el("td", { class: "rt-old", text: shownValue(before) }), el("td", { class: "rt-new", text: shownValue(after) })));
  if (!rows.length) return el("p", { class: "rt-muted", text: "Nothing would change." });
  const head = el("tr", {}, ...["Field", "Now", "Then"].map((text) => el("th", { scope: "col", text })));
  return el("div", { class: "rt-table-box", tabindex: "0", role: "region", "aria-label": "What changes" }, el("table", { class: "rt-table" }, el("thead", {}, head), el("tbody", {}, ...rows)));
}

class Editor {
  constructor({ kind, fields, item, slugs, path }) {
    Object.assign(this, { kind, item, slugs, path, base: item });
    const start = item || BLANK[kind];
    this.fields = fields.map((spec) => new Field(spec, CODECS[spec.kind].write(valueOf(start, spec.key))));
    this.before = this.texts;
    this.slug = item ? null : new Field({ key: "slug", label: "Slug", kind: "text", mono: true, hint: HINTS[kind] }, "");
    this.preview = el("div", { class: "rt-preview", role: "status" });
    this.form = el("div", { class: "rt-entry" }, this.slug?.node, ...this.fields.map(({ node }) => node));
    this.form.addEventListener("input", () => this.forgetPreview());
  }

  get texts() {
    return Object.fromEntries(this.fields.map((field) => [field.key, field.text]));
  }

  /** All that differ; of a new entry all that say something. */
  get keys() {
    const before = this.item ? this.before : {};
    const keys = changedKeys(this.fields, this.texts, before);
    if (this.item) return keys;
    return Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== null && value !== ""));
  }

  get button() {
    return this.form.closest("form").querySelector('[type="submit"]');
  }

  forgetPreview() {
    this.ready = false;
    this.preview.replaceChildren();
    this.button.textContent = "Preview";
  }

  show() {
    return open({
      title: this.item ? `Edit ${this.item.title}` : `New ${this.kind}`,
      body: [this.form, this.preview],
      action: "Preview",
      wide: true,
      onSubmit: () => this.submit(),
    });
  }

  /** First the preview, then, with nothing changed since, the real thing. */
  async submit() {
    const slug = this.item ? this.item.slug : this.slug.text.trim();
    this.fail({});
    if (!slug) return this.fail({ slug: "must not be empty" });
    if (!this.item && this.slugs.includes(slug)) return this.fail({ slug: `there is such a ${this.kind} already` });
    try {
      if (this.ready) return await this.save(slug);
      const found = await put(this.path(slug), this.keys, { query: { preview: 1 } });
      this.drawPreview(found);
    } catch (error) {
      if (!Object.keys(error.fields || {}).length) {
        if (error.status === 409) await this.rebase();
        throw error;
      }
      this.fail(error.fields);
    }
    return false;
  }

  /** Somebody else has saved: theirs is what the next preview compares with. */
  async rebase() {
    if (!this.item) return;
    this.base = await get(this.path(this.item.slug));
    this.forgetPreview();
  }

  async save(slug) {
    told(await put(this.path(slug), this.keys, this.item ? ifMatch(this.base) : ifMatch({ version: "file" })));
    say("Saved. It is effective now.");
    return true;
  }

  drawPreview({ changes, warnings }) {
    const notes = warnings.map((text) => el("p", { class: "rt-note rt-note-warn", text }));
    this.preview.replaceChildren(el("h3", { text: "What changes" }), changesTable(changes), ...notes);
    this.ready = Object.keys(changes).length > 0;
    if (this.ready) this.button.textContent = "Save";
    this.preview.scrollIntoView({ block: "start" });
  }

  /** Texts at their fields; what belongs to none stands below all. */
  fail(texts) {
    const all = [this.slug, ...this.fields].filter(Boolean);
    const rest = { ...texts };
    all.forEach((field) => {
      const key = Object.keys(rest).find((one) => one === field.key || one.startsWith(`${field.key}.`) || (!rest[field.key] && field.key.startsWith(`${one}.`)));
      field.fail(key ? rest[key] : "");
      if (key) delete rest[key];
    });
    const first = all.find(({ error }) => error.textContent);
    if (first) {
      first.input.focus();
      first.node.scrollIntoView({ block: "nearest" });
    }
    const words = Object.entries(rest).map(([key, text]) => `${key}: ${text}`).join("; ");
    if (words) throw new Error(words);
    return false;
  }
}

/** `item` null makes a new one. Resolves true when something was saved. */
export function editEntry(options) {
  return new Editor(options).show();
}
