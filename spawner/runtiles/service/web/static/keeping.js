// The dialogs about a runtime's end: why it is alive, how much longer, until when.
import { get, path, post } from "./api.js";
import { open } from "./dialog.js";
import { el, set } from "./dom.js";
import { ago, duration, exactly, localTimes, moment } from "./format.js";
import { choices, endsIn, latest, local, reasonText, roomToExtend, roomToKeep, shortly, toExtend, toKeep } from "./idle.js";
import { titleOf } from "./states.js";

const HOUR = 3600;
const TYPES = {
  kernels_or_terminals: "it has neither kernels nor terminals",
  kernel_connections: "no kernel is open in a tab",
  activity: "no kernel is busy, and kernels and terminals are silent",
  work: "nothing computes, and nobody works in it",
};
const WILL = { pause: "paused", stop: "stopped", freeze: "frozen" };

/** What the service knows now; the feed may be some seconds old. */
const asked = ({ name, user }) => get(path`/runtimes/${name}/idle`, { user });

/** Of several wishes the one that may be refused comes first. Resolves with the runtime as it is then. */
export async function wish(name, wishes) {
  let runtime = null;
  for (const { action, body } of wishes) runtime = await post(path`/runtimes/${name}/${action}`, body);
  return runtime;
}

function facts(told) {
  const { policy, since, ends } = told;
  const left = endsIn(told);
  return [
    ["Idle", since && `for ${duration((Date.now() - Date.parse(since)) / 1000)}, since ${moment(since)}`],
    ["Next", ends && `${shortly(told)}${left > 0 && left < HOUR ? ` (${moment(ends.at)})` : ""}`],
    ["Time limit", told.expires_at && `ends ${moment(told.expires_at)}`],
    ["Kept", told.held_until && `until ${moment(told.held_until)}`],
    ["Rule", policy ? `${WILL[policy.action]} after ${duration(policy.timeout)} in which ${TYPES[policy.type] || "it is idle"}` : "idleness ends nothing here"],
    ["Found", told.found && localTimes(told.found)],
    ["Reported", told.reported && ago(told.reported), told.reported && exactly(told.reported)],
  ].filter(([, value]) => value);
}

/** The sentence of the service, and what it follows from. */
export function whyDialog(runtime, name = titleOf(runtime)) {
  const lead = el("p", { class: "rt-why", role: "status", text: "Asking…" });
  const list = el("dl", { class: "rt-why-facts" });
  const show = (told) => {
    set(lead, { text: reasonText(told) });
    list.replaceChildren(...facts(told).map(([name, value, title]) => el("div", {}, el("dt", { text: name }), el("dd", { text: value, title: title || "" }))));
  };
  return open({
    title: `Why is ${name} alive?`,
    body: [lead, list],
    action: "",
    cancel: "Close",
    onOpen: () => asked(runtime).then(show, (error) => set(lead, { text: error.text || error.message })),
  });
}

/** How much longer; resolves with the runtime, null when it was left. */
export async function extendDialog(runtime) {
  const told = await asked(runtime);
  const offered = choices(roomToExtend(told));
  if (!offered.length) throw new Error("Its end cannot be moved any further.");
  const options = offered.map((seconds) => el("option", { value: String(seconds), text: duration(seconds) }));
  const input = el("select", { id: "rt-extend", class: "rt-input", autofocus: true }, ...options);
  input.value = String(offered.includes(HOUR) ? HOUR : offered[offered.length - 1]);
  const isLimit = toExtend(told, 0)[0].action === "extend";
  const end = isLimit ? told.expires_at : null;
  const hint = el("span", { class: "rt-hint", id: "rt-extend-hint" });
  const say = () => {
    const from = end ? Date.parse(end) : Date.now();
    set(hint, { text: `${end ? "Ends" : "Kept until"} ${moment(new Date(from + 1000 * Number(input.value)).toISOString())}${end ? ` instead of ${moment(end)}` : ", though it may be idle"}.` });
  };
  input.addEventListener("change", say);
  input.setAttribute("aria-describedby", hint.id);
  say();
  let found = null;
  await open({
    title: `Extend ${titleOf(runtime)}`,
    body: [el("div", { class: "rt-field" }, el("label", { for: input.id, text: "How much longer?" }), input, hint)],
    action: "Extend",
    onSubmit: async () => (found = await wish(runtime.name, toExtend(told, Number(input.value)))),
  });
  return found;
}

/** Until when; resolves with the runtime, null when it was left. */
export async function keepDialog(runtime) {
  const told = await asked(runtime);
  const most = latest(told);
  const room = roomToKeep(told);
  const input = el("input", { id: "rt-keep", type: "datetime-local", class: "rt-input", required: "", autofocus: true, min: local(Date.now() + 60_000) });
  if (most) input.setAttribute("max", local(Date.parse(most)));
  input.value = local(Date.now() + 1000 * Math.min(HOUR, room));
  const words = ["Until then it is not ended for being idle.", told.expires_at && "Its time limit is moved if it ends before.", most && `At most until ${moment(most)}.`];
  const hint = el("span", { class: "rt-hint", id: "rt-keep-hint", text: words.filter(Boolean).join(" ") });
  input.setAttribute("aria-describedby", hint.id);
  let found = null;
  await open({
    title: `Keep ${titleOf(runtime)}`,
    body: [el("div", { class: "rt-field" }, el("label", { for: input.id, text: "Until when?" }), input, hint)],
    action: "Keep",
    onSubmit: async () => {
      const at = Date.parse(input.value);
      if (!(at > Date.now())) throw new Error("Choose a moment that is still to come.");
      found = await wish(runtime.name, toKeep(told, new Date(at).toISOString()));
    },
  });
  return found;
}
