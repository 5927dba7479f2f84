// Dialogs on the browser's own <dialog>: it keeps the focus inside, closes on Escape and gives the focus
// back. Every function resolves with what was chosen, null when the dialog was left.
import { el } from "./dom.js";

let number = 0;

/**
 * The frame of all dialogs. `body` are nodes; `action` the words of the main button; `onSubmit` may
 * return (a promise of) false to keep the dialog open. `others` are further buttons for its foot.
 * `onOpen({main, close})` gets the main button, and closes the dialog as if it was left, or with
 * close(true) as if the main button was pressed. Resolves true, or null when it was left.
 */
export function open({ title, body = [], action = "OK", cancel = "Cancel", danger = false, wide = false, others = [], onSubmit = () => true, onOpen = () => {} }) {
  number += 1;
  const id = `rt-dialog-${number}`;
  const main = el("button", { type: "submit", class: danger ? "rt-button rt-primary rt-danger" : "rt-button rt-primary", text: action });
  const leave = el("button", { type: "button", class: "rt-button", text: cancel, on: { click: () => dialog.close() } });
  const error = el("p", { class: "rt-error", role: "alert" });
  const form = el(
    "form",
    { method: "dialog", novalidate: true },
    el("h2", { id, text: title }),
    ...body,
    error,
    el("div", { class: "rt-actions rt-dialog-end" }, leave, ...others, action ? main : null),
  );
  const dialog = el("dialog", { class: wide ? "rt-dialog rt-wide" : "rt-dialog", "aria-labelledby": id }, form);
  return new Promise((resolve) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (main.disabled) return;
      main.disabled = true;
      error.textContent = "";
      try {
        if ((await onSubmit()) !== false) dialog.close("done");
      } catch (problem) {
        error.textContent = problem.text || problem.message;
      }
      main.disabled = false;
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "done" ? true : null);
    });
    document.body.append(dialog);
    dialog.showModal();
    onOpen({ main, close: (done) => dialog.close(done ? "done" : "") });
  });
}

/** Are you sure? What cannot be undone starts on Cancel. */
export function confirm({ title, text, action, danger = false, onSubmit }) {
  const body = [text].flat().map((one) => el("p", { text: one }));
  return open({ title, body, action, danger, onSubmit });
}

/** One line of text; `check` returns what is wrong with it, or nothing. Resolves with the text. */
export async function prompt({ title, label, value = "", hint = "", action = "Save", maxlength = 120, check = () => "", onSubmit }) {
  const id = `rt-prompt-${number + 1}`;
  const input = el("input", { id, class: "rt-input", maxlength: String(maxlength), autocomplete: "off", autofocus: true });
  input.value = value;
  const note = hint ? el("span", { class: "rt-hint", id: `${id}-hint`, text: hint }) : null;
  if (note) input.setAttribute("aria-describedby", note.id);
  const field = el("div", { class: "rt-field" }, el("label", { for: id, text: label }), input, note);
  const done = await open({
    title,
    body: [field],
    action,
    onSubmit: async () => {
      const wrong = check(input.value.trim());
      if (wrong) throw new Error(wrong);
      return onSubmit ? onSubmit(input.value.trim()) : true;
    },
  });
  return done ? input.value.trim() : null;
}
