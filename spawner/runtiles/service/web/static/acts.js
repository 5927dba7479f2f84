// What the buttons of a runtime do.
import { del, patch, path, post, site } from "./api.js";
import { confirm, prompt } from "./dialog.js";
import { forkDialog } from "./forks.js";
import { extendDialog, keepDialog, whyDialog, wish } from "./keeping.js";
import { showKernels } from "./kernels.js";
import { showLogs } from "./logs.js";
import { machineDialog } from "./machines.js";
import { pauseDialog } from "./pause.js";
import { shareDialog } from "./share.js";
import { isActive, isLaunching, spawnPath, titleOf } from "./states.js";

const LONGEST_TITLE = 120;

/** Asks the service; what it says is shown at the runtime. The feed tells how it goes on. */
async function ask(row, text, call) {
  row.busy(text);
  try {
    await call();
    row.busy("");
  } catch (error) {
    row.fail(error.text || error.message);
  }
}

const verb = (row, action, body) => post(path`/runtimes/${row.runtime.name}/${action}`, body);
const plain = (text, action) => (row) => ask(row, text, () => verb(row, action));

async function stop(row) {
  const title = titleOf(row.runtime);
  const launching = isLaunching(row.runtime);
  const sure = launching || (await confirm({
    title: `Stop ${title}?`,
    text: row.runtime.actions.includes("pause")
      ? "Its variables are lost; Pause would keep them. Your files stay."
      : "Its variables are lost. Your files stay.",
    action: "Stop",
    danger: true,
  }));
  if (sure) await ask(row, launching ? "Cancelling…" : "Stopping…", () => verb(row, "stop"));
}

async function start(row) {
  const paused = row.runtime.actions.includes("resume");
  const sure = !paused || (await confirm({
    title: `Start ${titleOf(row.runtime)} empty?`,
    text: "It starts without your variables. They are not lost: they stay on the Snapshots page. Give them a name there, and they are kept until you delete them.",
    action: "Start empty",
  }));
  if (sure) await ask(row, "Starting…", () => verb(row, "start"));
}

async function pause(row) {
  await pauseDialog(row.runtime, (other) => ACTS[other](row));
  // The button that had the focus may be gone by now.
  if (document.activeElement === document.body) row.focus();
}

async function fork(row) {
  try {
    await forkDialog({ snapshot: row.runtime.snapshot, wish: row.runtime.name === "default" ? row.runtime.tile : row.runtime.name });
  } catch (error) {
    row.fail(error.text || error.message);
  }
}

async function remove(row) {
  const { state } = row.runtime;
  const kept = state === "paused" ? "Its saved variables stay on the Snapshots page." : isActive(row.runtime) ? "Its variables are lost." : "";
  const sure = await confirm({
    title: `Delete ${titleOf(row.runtime)}?`,
    text: [kept, "It is forgotten, with its logs. Your files stay."].filter(Boolean).join(" "),
    action: "Delete",
    danger: true,
  });
  if (sure) await ask(row, "Deleting…", () => del(path`/runtimes/${row.runtime.name}`));
}

function rename(row) {
  return prompt({
    title: "Rename",
    label: "Title",
    value: row.runtime.title || "",
    hint: `Its address and its name (${row.runtime.name}) stay. Empty: the title of its tile.`,
    maxlength: LONGEST_TITLE,
    onSubmit: (title) => patch(path`/runtimes/${row.runtime.name}`, { title }),
  });
}

async function anotherMachine(row) {
  try {
    await machineDialog({
      title: `Start ${titleOf(row.runtime)} on`,
      current: row.runtime.machine,
      start: (machine) => verb(row, "start", { machine }),
    });
  } catch (error) {
    row.fail(error.text || error.message);
  }
}

/** A dialog whose answer is the runtime with another end: that counts at once. */
const moved = (dialog) => async (row) => {
  row.fail("");
  try {
    const runtime = await dialog(row.runtime);
    if (!runtime) return;
    row.update(runtime);
    if (document.activeElement === document.body) row.focus();
  } catch (error) {
    row.fail(error.text || error.message);
  }
};

const release = (row) => ask(row, "Letting go…", async () => row.update(await wish(row.runtime.name, [{ action: "hold", body: { until: null } }])));

const ACTS = {
  start,
  resume: plain("Resuming…", "resume"),
  pause,
  unpause: (row) => ask(row, "Calling off the pause…", () => del(path`/runtimes/${row.runtime.name}/pause`)),
  fork,
  freeze: plain("Freezing…", "freeze"),
  thaw: plain("Thawing…", "thaw"),
  stop,
  delete: remove,
  rename,
  machine: anotherMachine,
  options: (row) => location.assign(spawnPath(site.hub, row.runtime)),
  logs: (row) => showLogs(row.runtime),
  kernels: (row) => showKernels(row.runtime),
  why: (row) => whyDialog(row.runtime),
  extend: moved(extendDialog),
  keep: moved(keepDialog),
  release,
};

/** `tiles` is asked for when the dialog with the launch link opens. */
export function actsWith(tiles) {
  return (name, row) => (name === "share" ? shareDialog(tiles(), row.runtime.tile) : ACTS[name](row));
}
