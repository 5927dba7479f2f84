// Copying, also where the browser allows it to pages with HTTPS only.
import { el } from "./dom.js";

/** A text to be copied, with a button. */
export function copyField(id, label, { lines = 1 } = {}) {
  const text = el(lines > 1 ? "textarea" : "input", { id, class: "rt-input rt-mono", readOnly: true, spellcheck: "false" });
  if (lines > 1) text.rows = lines;
  const note = el("span", { class: "rt-hint", role: "status" });
  const copy = el("button", {
    type: "button",
    class: "rt-button rt-small",
    text: "Copy",
    "aria-label": `Copy: ${label}`,
    on: {
      async click() {
        text.select();
        try {
          await navigator.clipboard.writeText(text.value);
          note.textContent = "Copied.";
        } catch {
          note.textContent = "Marked: press Ctrl+C to copy.";
        }
      },
    },
  });
  const row = el("div", { class: "rt-copy" }, text, copy);
  const node = el("div", { class: "rt-field" }, el("label", { for: id, text: label }), row, note);
  return { node, set: (value) => (text.value = value) };
}
