// A button that opens a short list of further buttons: a plain disclosure, closed by Escape, by a choice
// or by a click elsewhere.
import { el } from "./dom.js";

let openMenu = null;

function close(focus) {
  if (!openMenu) return;
  const { button, list } = openMenu;
  openMenu = null;
  list.hidden = true;
  button.setAttribute("aria-expanded", "false");
  if (focus) button.focus();
}

document.addEventListener("click", (event) => {
  if (openMenu && !openMenu.root.contains(event.target)) close(false);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && openMenu) close(true);
});
document.addEventListener("focusin", (event) => {
  if (openMenu && !openMenu.root.contains(event.target)) close(false);
});

/** `items` are buttons or links made by the caller; hidden ones are skipped by the browser. */
export function menu(label, text, items) {
  const list = el("div", { class: "rt-menu-list", hidden: true }, ...items);
  const button = el("button", { type: "button", class: "rt-button", "aria-expanded": "false", "aria-label": label, text });
  const root = el("div", { class: "rt-menu" }, button, list);
  button.addEventListener("click", () => {
    const wasOpen = !list.hidden;
    close(false);
    if (wasOpen) return;
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    openMenu = { root, button, list };
    list.classList.toggle("rt-menu-up", list.getBoundingClientRect().bottom > window.innerHeight);
  });
  // Before the item acts: a dialog that it opens gives the focus back to what has it now.
  list.addEventListener("click", (event) => event.target.closest("button, a") && close(true), true);
  return root;
}
