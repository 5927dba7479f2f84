// The warning on a runtime's card: what comes, and the answers to it.
import { el, set } from "./dom.js";
import { canExtend, canKeep, isNear, isWatched, warningOf, warningText } from "./idle.js";
import { titleOf } from "./states.js";

const ANSWERS = {
  extend: { text: "Extend…", when: ({ idle }) => canExtend(idle) },
  keep: { text: "Keep until…", when: ({ idle }) => canKeep(idle) },
  pause: { text: "Pause now", when: ({ actions }) => actions.includes("pause") },
};

export class Ending {
  /** `act(name)` is called for an answer; `spoken(text)` once for each warning. */
  constructor(act, spoken) {
    this.spoken = spoken;
    this.told = null;
    this.text = el("p", {});
    this.buttons = Object.entries(ANSWERS).map(([name, { text }]) => el("button", { type: "button", class: "rt-button rt-small", text, data: { answer: name }, on: { click: () => act(name) } }));
    this.node = el("div", { class: "rt-note rt-note-warn rt-note-row rt-runtime-ending", hidden: true }, this.text, el("div", { class: "rt-actions" }, ...this.buttons));
  }

  get hasFocus() {
    return this.node.contains(document.activeElement);
  }

  /** With the clock, too. */
  draw(runtime) {
    const near = isWatched(runtime) && isNear(runtime.idle);
    this.node.hidden = !near;
    const warning = near ? warningOf(runtime.idle) : null;
    if (near) this.fill(runtime);
    // A countdown that is read out at each step would be a nuisance.
    if (near && warning !== this.told) this.spoken(`${titleOf(runtime)}. ${warningText(runtime.idle)}`);
    this.told = warning;
  }

  fill(runtime) {
    set(this.text, { text: warningText(runtime.idle) });
    this.buttons.forEach((button) => {
      const { text, when } = ANSWERS[button.dataset.answer];
      button.hidden = !when(runtime);
      button.setAttribute("aria-label", `${text.replace("…", "")}: ${titleOf(runtime)}`);
    });
  }

  busy(isBusy) {
    this.buttons.forEach((button) => (button.disabled = isBusy));
  }
}
