// Taking in a snapshot that came as a file, and trusting it: two steps, because the second one lets code run.
import { get, path, post, upload } from "./api.js";
import { open } from "./dialog.js";
import { el, say, setBar } from "./dom.js";
import { bytes, count } from "./format.js";

/** Asks whether this snapshot's content may run; resolves true when it was said so. */
export function trustDialog(snapshot) {
  const sure = el("input", { type: "checkbox", id: "rt-trust" });
  const { variables, size, kernels } = snapshot;
  return open({
    title: "Trust this snapshot?",
    body: [
      el("div", { class: "rt-note rt-note-warn" }, el("p", { text: "Resuming a snapshot runs code that is in it. That code acts as you: it can read, change and send away your files and secrets. Nobody has checked it." })),
      el("p", { text: `It says that it holds ${count(variables, "variable")} of ${count(kernels.length, "notebook")}, ${bytes(size)}.` }),
      el("label", { class: "rt-check", for: "rt-trust" }, sure, el("span", { text: "I know who made this file, and I trust them" })),
    ],
    action: "Trust it",
    danger: true,
    onSubmit() {
      if (!sure.checked) {
        sure.focus();
        throw new Error("Say that you trust who made it, or leave it as it is.");
      }
      return post(path`/snapshots/${snapshot.id}/trust`).then(() => true);
    },
  });
}

/** Chooses a file and sends it; then asks about trust. */
export async function importDialog() {
  const file = el("input", { type: "file", id: "rt-file", class: "rt-input", accept: ".gz,.tgz,application/gzip", "aria-describedby": "rt-file-hint" });
  const bar = el("div", { class: "rt-bar", hidden: true });
  let taken = null;
  const field = el(
    "div",
    { class: "rt-field" },
    el("label", { for: "rt-file", text: "File" }),
    file,
    el("span", { class: "rt-hint", id: "rt-file-hint", text: "A snapshot from “Download”. Nothing in it runs before you say that you trust it." }),
  );
  await open({
    title: "Import a snapshot",
    body: [field, bar],
    action: "Import",
    async onSubmit() {
      if (!file.files.length) throw new Error("Choose a file.");
      bar.hidden = false;
      const progress = (share) => setBar(bar, share === null ? null : 100 * share, "Upload");
      progress(0);
      try {
        taken = await upload("/snapshots/import", file.files[0], { onProgress: progress });
      } finally {
        bar.hidden = true;
      }
    },
  });
  if (!taken) return;
  const whole = await get(path`/snapshots/${taken.id}`);
  if (whole.trusted || (await trustDialog(whole))) say("The snapshot can be resumed now.");
  else say("The snapshot is in the list. It can be resumed when you trust it.");
}
