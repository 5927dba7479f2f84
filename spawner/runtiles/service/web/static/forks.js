// A snapshot as a runtime of its own: the dialog that asks for the name.
import { get, post } from "./api.js";
import { prompt } from "./dialog.js";
import { freeName, isName } from "./gallery.js";

/** `wish`: what the new one is called after. Calls `done(name)` when it has begun. */
export async function forkDialog({ snapshot, wish, done = () => {} }) {
  const runtimes = await get("/runtimes");
  const taken = new Set(runtimes.map(({ name }) => name));
  return prompt({
    title: "Resume as a second runtime",
    label: "Name of the new runtime",
    value: freeName(runtimes, wish),
    hint: "It starts with the same variables and its own kernels. The first one stays as it is; both share your files.",
    action: "Resume",
    maxlength: 30,
    check: (name) => (taken.has(name) ? "There is a runtime of this name." : isName(name) ? "" : "Use up to 30 small letters, digits and single '-' between them, beginning with a letter."),
    onSubmit: async (name) => {
      await post("/runtimes", { name, resume: snapshot });
      done(name);
    },
  });
}
