// The drawer with what is in a snapshot: every kernel, its variables, and what could not be saved.
import { get, path } from "./api.js";
import { el, set } from "./dom.js";
import { exactly } from "./format.js";
import { amount, kernelTitle, lossList, nameOf, noteList } from "./holdings.js";
import { VariableTable } from "./variables.js";

function kernelPart(kernel) {
  const { status, reason, variables = [], losses = [], notes, bytes: size, more = 0 } = kernel;
  const head = el("h3", { text: kernelTitle(kernel) });
  if (status === "not_carried") return el("section", { class: "rt-kernel" }, head, el("p", { class: "rt-bad", text: reason || "Nothing of it could be saved." }));
  const table = new VariableTable({ label: `Variables of ${kernelTitle(kernel)}`, saved: "Saved" });
  table.fill(variables);
  const cut = more ? el("p", { class: "rt-muted", text: `and ${more} more` }) : null;
  const lost = losses.length ? [el("p", { text: "Not in it:" }), lossList(losses, `Not in it, of ${kernelTitle(kernel)}`)] : [];
  return el("section", { class: "rt-kernel" }, head, el("p", { text: amount(variables.length + more, size) }), ...lost, noteList(notes), variables.length ? table.node : null, cut);
}

export async function showHeld(snapshot) {
  const id = "rt-held-title";
  const close = el("button", { type: "button", class: "rt-button", text: "Close", on: { click: () => dialog.close() } });
  const note = el("p", { role: "status", text: "Reading what is in it…" });
  const body = el("div", { class: "rt-drawer-body" }, note);
  const dialog = el("dialog", { class: "rt-drawer", "aria-labelledby": id }, el("div", { class: "rt-head" }, el("h2", { id, text: nameOf(snapshot) }), close), body);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  try {
    const { manifest, created } = await get(path`/snapshots/${snapshot.id}`);
    set(note, { text: `Saved ${exactly(created)}.` });
    body.append(...manifest.kernels.map(kernelPart));
  } catch (error) {
    set(note, { text: error.text || error.message });
  }
}
