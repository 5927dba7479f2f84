// Asking again and again, while somebody looks: what a section does between being shown and hidden.
import { el, set } from "./dom.js";

/**
 * `load` is a promise of having drawn the present state. After it came or failed it is called again in
 * `every` ms (a number, or a function that says it anew), if the section is shown and the page is looked
 * at. What goes wrong stands in a note at the top of `root` until it works again; what was drawn stays.
 */
export function refreshed(root, load, every) {
  const note = el("p", { class: "rt-note rt-note-warn", role: "status", hidden: true });
  let shown = false;
  let busy = null;
  let again = false;
  let timer = 0;

  async function attempt() {
    try {
      await load();
      note.hidden = true;
    } catch (error) {
      if (!("status" in error)) console.error(error);
      set(note, { text: `${error.text || error.message} What is shown may be old.`, hidden: false });
    }
  }

  async function run() {
    clearTimeout(timer);
    do {
      again = false;
      await attempt();
    } while (again);
    busy = null;
    if (shown && !document.hidden) timer = setTimeout(now, typeof every === "function" ? every() : every);
  }

  /** At once; resolves when what is asked for now is drawn. */
  function now() {
    if (busy) again = true;
    else busy = run();
    return busy;
  }

  document.addEventListener("visibilitychange", () => {
    if (shown && !document.hidden) now();
  });
  root.append(note);
  return {
    now,
    show() {
      shown = true;
      return now();
    },
    hide() {
      shown = false;
      clearTimeout(timer);
    },
  };
}

/** Keeps the address true to what a section shows, without a step in the history. */
export function remember(name, values) {
  const pairs = Object.entries(values).filter(([, value]) => value);
  const query = new URLSearchParams(pairs).toString();
  if (location.hash.slice(1).split("?")[0] !== name && location.hash) return;
  history.replaceState(null, "", `#${name}${query ? `?${query}` : ""}`);
}

/** Calls `does` once, when nothing has happened for a moment. */
export function later(does, ms = 250) {
  let timer = 0;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(does, ms);
  };
}
