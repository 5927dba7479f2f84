// What admins tell people: shown until it is dismissed.
import { del, path } from "./api.js";
import { byId, el, say } from "./dom.js";
import { ago, exactly, localTimes } from "./format.js";

function banner({ id, at, author, text, runtime }) {
  const dismiss = el("button", {
    type: "button",
    class: "rt-button rt-small",
    text: "Dismiss",
    on: {
      async click() {
        dismiss.disabled = true;
        try {
          await del(path`/notices/${id}`);
          node.remove();
        } catch (error) {
          // Gone already: dismissed in another tab.
          if (error.status === 404) node.remove();
          else say(error.text, { bad: true });
          dismiss.disabled = false;
        }
      },
    },
  });
  const words = el("div", {}, el("p", { text: runtime ? localTimes(text, Date.parse(at)) : text }), el("p", { class: "rt-hint", text: `${author}, ${ago(at)}`, title: exactly(at) }));
  const node = el("div", { class: "rt-note rt-note-warn rt-note-row", data: { notice: String(id) } }, words, dismiss);
  return node;
}

/** A warning that stands on a runtime's card is not said twice: `onCard(name)` tells. */
export function showNotices(all, onCard) {
  const notices = all.filter(({ runtime }) => !runtime || !onCard(runtime));
  const box = byId("rt-notices");
  const shown = [...box.children].map((node) => node.dataset.notice).join();
  if (shown === notices.map(({ id }) => String(id)).join()) return;
  box.replaceChildren(...notices.map(banner));
}
