// Choosing a machine: what each one is, and whether it is free now.
import { get } from "./api.js";
import { open } from "./dialog.js";
import { el } from "./dom.js";
import { count, duration, memory } from "./format.js";

/** "4 CPUs · 16 GiB · 1 GPU (A100 or H100) · up to 12 h" */
export function machineSpec(machine) {
  const parts = [count(machine.cpus, "CPU"), memory(machine.memory)];
  const models = machine.gpu_models?.length ? ` (${machine.gpu_models.join(" or ")})` : "";
  if (machine.gpus) parts.push(count(machine.gpus, "GPU") + models);
  if (machine.max_time) parts.push(`up to ${duration(machine.max_time)}`);
  return parts.join(" · ");
}

/** Whether a launch would start now: as the gallery says it. */
export function availability({ gpus, available }) {
  if (!gpus) return { usable: true, level: "ok", text: "Available now" };
  if (!available) return { usable: true, level: "warn", text: "Starts when its GPUs are free" };
  const { free, total } = available;
  if (total < gpus) return { usable: false, level: "bad", text: `Not available: this site has ${total ? `only ${total}` : "none"} of these GPUs` };
  if (free < gpus) return { usable: true, level: "warn", text: `${free} of ${total} GPUs free: you would wait in line` };
  return { usable: true, level: "ok", text: `${free} of ${total} GPUs free now` };
}

function choice(machine, current) {
  const { usable, level, text } = availability(machine);
  const radio = el("input", { type: "radio", name: "machine", value: machine.slug, disabled: !usable, required: true });
  radio.checked = machine.slug === current && usable;
  const words = el(
    "span",
    {},
    el("strong", { text: machine.title }),
    machine.slug === current ? el("span", { class: "rt-muted", text: " (its last one)" }) : null,
    el("span", { class: "rt-machine-spec", text: machineSpec(machine) }),
    el("span", { class: `rt-machine-free rt-dot rt-${level}`, text }),
  );
  const price = machine.price_per_hour ? el("span", { class: "rt-muted", text: `${machine.price_per_hour.toFixed(2)} / h` }) : null;
  return el("label", { class: "rt-machine" }, radio, words, price);
}

/** Asks for a machine and calls `start` with its slug; resolves true when that worked. */
export async function machineDialog({ title, current, start }) {
  const machines = await get("/machines");
  const list = el("fieldset", { class: "rt-machines" }, el("legend", { class: "rt-sr", text: "Machine" }), ...machines.map((one) => choice(one, current)));
  return open({
    title,
    body: [el("p", { class: "rt-muted", text: "Everything else stays as it was at its last start." }), list],
    action: "Start",
    onSubmit: () => {
      const chosen = list.querySelector("input:checked");
      if (!chosen) throw new Error("Choose a machine.");
      return start(chosen.value);
    },
  });
}
