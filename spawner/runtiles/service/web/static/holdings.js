// What kernels hold and what of it a pause carries, in words and nodes.
import { el } from "./dom.js";
import { bytes, count, duration } from "./format.js";

/** As many lost things as a person reads; the rest is a number. */
const SHOWN = 50;
/** As many as a sentence bears. */
const NAMED = 3;

/** What a person calls a kernel: its notebook, else the language it speaks. */
export const kernelTitle = ({ path, name, language }) => path || `a ${language || name || "kernel"} console`;

/** What a person calls a snapshot: its name, else whence it is. */
export const nameOf = ({ name, runtime }) => name || `Snapshot of ${runtime}`;

const BUSY = { ready: "", busy: "busy", stuck: "does not answer", not_carried: "not carried" };

/** "busy for 2 min": beside the notebook's name. */
export function standing({ status, busy_seconds: seconds }) {
  const word = BUSY[status] ?? status;
  if (!(seconds >= 1) || !["busy", "stuck"].includes(status)) return word;
  return status === "stuck" ? `has not answered for ${duration(seconds)}` : `busy for ${duration(seconds)}`;
}

/** "12 variables, 1.2 GB" */
export const amount = (variables, size) => `${count(variables, "variable")}, ${bytes(size)}`;

function place({ variable, path, type }) {
  const inside = path && path !== variable;
  return [el("code", { text: path || variable }), type ? el("span", { class: "rt-muted", text: ` ${type}` }) : null, inside && !path.startsWith(variable) ? ` in ${variable}` : null];
}

/** One line per thing that cannot be carried: where it sits, what it is, why not. */
export function lossList(losses, label) {
  const items = losses.slice(0, SHOWN).map((loss) => el("li", {}, ...place(loss).filter(Boolean), el("span", { class: "rt-loss-why", text: loss.reason })));
  if (losses.length > SHOWN) items.push(el("li", { text: `and ${losses.length - SHOWN} more` }));
  return el("ul", { class: "rt-losses", "aria-label": label }, ...items);
}

/** What is different after a resume, though nothing of it is lost. */
export function noteList(notes) {
  if (!notes?.length) return null;
  const items = notes.map((text) => el("li", { text }));
  return el("details", { class: "rt-notes" }, el("summary", { text: `${count(notes.length, "thing")} will be a little different` }), el("ul", {}, ...items));
}

function lines(kernel, { interrupt, losing }) {
  const { status, variables, bytes: size, losses = [], reason } = kernel;
  if (status === "not_carried") return [el("p", { class: "rt-bad", text: reason || "Variables of this language cannot be saved: they are lost." })];
  if (status === "stuck") return [el("p", { class: "rt-bad", text: reason || "It does not answer at the moment. A pause would wait for it." })];
  if (status === "busy") {
    const what = interrupt ? "Its cell is interrupted first. " : "The pause waits until its cell has ended. ";
    const then = losing ? "“Pause anyway” also gives up what of it cannot be saved." : "If something of it would be lost then, nothing is paused, and you are told.";
    return [el("p", { text: what + then })];
  }
  const saved = el("p", { text: losses.length ? `Saved: ${amount(variables, size)}. Lost:` : `All of it is saved: ${amount(variables, size)}.` });
  return [saved, losses.length ? lossList(losses, `Lost of ${kernelTitle(kernel)}`) : null, noteList(kernel.notes)];
}

/** One kernel of a dry run. `interrupt`: busy ones are interrupted. `losing`: losses are known already. */
export function kernelCard(kernel, options) {
  const word = standing(kernel);
  const level = { busy: "rt-warn", stuck: "rt-bad", not_carried: "rt-bad" }[kernel.status] || "";
  return el(
    "li",
    { class: "rt-kernel" },
    el("div", { class: "rt-runtime-head" }, el("h3", { text: kernelTitle(kernel) }), word ? el("span", { class: `rt-chip rt-dot ${level}`, text: word }) : null),
    ...lines(kernel, options).filter(Boolean),
  );
}

/** A terminal is called by its number; a detached tmux or screen is not one of the page's. */
const terminalTitle = (name) => (/^\d+$/.test(name) ? `Terminal ${name}` : name);

const AT_WORK = ["running", "background"];

/** One terminal of a dry run: what runs in it ends with the container. */
export function terminalCard({ name, job, status }) {
  const what = job || "A program";
  const words = {
    running: `${what} runs there: a pause ends it.`,
    background: `${what} runs in the background: a pause ends it.`,
    waiting: `${what} is open there, and is closed.`,
  }[status];
  const lost = AT_WORK.includes(status);
  return el(
    "li",
    { class: "rt-kernel", "data-terminal": name },
    el("div", { class: "rt-runtime-head" }, el("h3", { text: terminalTitle(name) }), lost ? el("span", { class: "rt-chip rt-dot rt-bad", text: "not carried" }) : null),
    el("p", { class: lost ? "rt-bad" : "", text: words || "It is at its prompt, and is closed." }),
  );
}

/** Those in which a program is at work. */
export const jobsOf = (terminals) => (terminals || []).filter(({ status }) => AT_WORK.includes(status));

/** What `would_lose` tells of: "line of a.ipynb, all of b.R and 3 more things". */
export function lossWords(kernels, terminals = []) {
  const words = kernels.flatMap((kernel) => (kernel.losses.length ? kernel.losses.map(({ variable, path }) => `${path || variable} of ${kernelTitle(kernel)}`) : [`all of ${kernelTitle(kernel)}`]));
  words.push(...terminals.map(({ name, job }) => `${job || "a program"} in ${terminalTitle(name).toLowerCase()}`));
  const rest = words.length - NAMED;
  return words.slice(0, NAMED).join(", ") + (rest > 0 ? ` and ${count(rest, "more thing")}` : "");
}

/** Whether something would be lost for sure: parts of what kernels hold, or all of it. */
export const lossesOf = (kernels) => kernels.reduce((sum, { losses }) => sum + (losses?.length || 0), 0);
export const notCarried = (kernels) => kernels.filter(({ status }) => status === "not_carried");
export const busyOnes = (kernels) => kernels.filter(({ status }) => status === "busy" || status === "stuck");
