// The fields of tiles and machines: how a value is written in the editor, and read from it. No DOM.

const GROUPS = { size: [["t", 2 ** 40], ["g", 2 ** 30], ["m", 2 ** 20], ["k", 2 ** 10]], time: [["d", 86_400], ["h", 3600], ["m", 60]] };

/** 17179869184 -> "16g"; the service reads that back as the same number. */
function unit(value, units, rest = "") {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value; // never
  const found = units.find(([, size]) => value >= size && value % size === 0);
  return found ? `${value / found[1]}${found[0]}` : `${value}${rest}`;
}

/** A value of several lines is written in quotes, as JSON has it. */
const quoted = (value) => (/\n|^"/.test(value) ? JSON.stringify(value) : value);

function unquoted(text) {
  if (!/^".*"$/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function pairs(text) {
  const found = text.split("\n").filter((line) => line.trim());
  return Object.fromEntries(found.map((line) => {
    const at = line.indexOf("=");
    return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), unquoted(line.slice(at + 1))];
  }));
}

const lines = (text) => text.split("\n").map((line) => line.trimEnd()).filter(Boolean);
const numeric = (text) => (text.trim() === "" || Number.isNaN(Number(text)) ? text.trim() : Number(text));

/** By the kind of a field: the text in its input from a value, and the value from the text. */
export const CODECS = {
  text: { write: (value) => value ?? "", read: (text) => text.trim() },
  maybe: { write: (value) => value ?? "", read: (text) => text.trim() || null },
  prose: { write: (value) => value ?? "", read: (text) => text },
  lines: { write: (value) => (value || []).join("\n"), read: lines },
  pairs: { write: (value) => Object.entries(value || {}).map(([name, one]) => `${name}=${quoted(one)}`).join("\n"), read: pairs },
  number: { write: (value) => (value === null || value === undefined ? "" : String(value)), read: numeric },
  size: { write: (value) => unit(value, GROUPS.size), read: (text) => numeric(text) },
  time: { write: (value) => unit(value, GROUPS.time, "s"), read: (text) => text.trim() || null },
  flag: { write: (value) => (value ? "1" : ""), read: (text) => text === "1" },
  choice: { write: (value) => value ?? "", read: (text) => text },
};

const field = (key, label, kind = "text", more = {}) => ({ key, label, kind, ...more });

export const tileFields = [
  field("title", "Title"),
  field("image", "Image", "text", { mono: true }),
  field("description", "Description", "prose", { rows: 3, wide: true }),
  field("icon", "Icon", "text", { hint: "A drawing's name; empty: the title's first letter." }),
  field("category", "Category", "choice", { options: { recommended: "recommended", all: "all" } }),
  field("workspace.url", "Workspace URL", "text", { hint: "A git repository; empty for none." }),
  field("workspace.ref", "Workspace ref", "text", { hint: "Branch, tag or commit." }),
  field("workspace.required", "Without the workspace the launch fails", "flag"),
  field("command", "Command", "lines", { rows: 3, mono: true, wide: true, hint: "One argument a line; empty: the site's own." }),
  field("container_user", "Container user"),
  field("example", "Example", "text", { hint: "A file of the workspace that is opened first." }),
  field("environment", "Environment", "pairs", { rows: 3, mono: true, wide: true, hint: "NAME=value, one a line; secret:NAME for a secret." }),
  field("secrets_as", "Secrets as", "choice", { options: { environment: "environment variables", file: "files" } }),
  field("startup_hook", "Startup hook", "prose", { rows: 3, mono: true, wide: true, hint: "A shell script, before the server starts." }),
  field("idle.timeout", "Idle timeout", "time", { hint: "Such as 30m or 4h, or never; empty: the pool's or the site's." }),
  field("idle.type", "Idle without", "maybe", { partial: true, options: { "": "as the pool or the site has it", activity: "activity", work: "computation", kernel_connections: "connections to kernels", kernels_or_terminals: "kernels and terminals" } }),
  field("idle.action", "When idle", "maybe", { partial: true, options: { "": "as the pool or the site has it", pause: "pause", stop: "stop", freeze: "freeze" } }),
  field("time_limit", "Longest time", "time", { hint: "Such as 12h; empty for no limit." }),
  field("default_time", "Time unless asked", "time", { hint: "Such as 2h; empty: the machine's or the site's." }),
  field("registry_url", "Page about the image", "text", { hint: "An http:// or https:// address." }),
  field("pull_policy", "Pull", "choice", { options: { missing: "when missing", always: "always" } }),
  field("redirect", "Leads to", "maybe", { hint: "The slug of the tile that takes its place, once it is deprecated." }),
  field("gpu", "Wants a GPU", "flag"),
  field("local", "Built on this site", "flag"),
  field("enabled", "Enabled", "flag"),
  field("hidden", "Hidden", "flag"),
  field("deprecated", "Deprecated", "flag"),
];

export const machineFields = [
  field("title", "Title"),
  field("pool", "Pool"),
  field("description", "Description", "prose", { rows: 3, wide: true }),
  field("cpus", "CPUs", "number"),
  field("memory", "Memory", "size", { hint: "Such as 512m or 16g." }),
  field("shm", "Shared memory", "size", { hint: "0: the engine's default." }),
  field("gpus", "GPUs", "number"),
  field("gpu_models", "GPU models", "lines", { rows: 2, hint: "One a line; empty: any." }),
  field("price_per_hour", "Price per hour", "number"),
  field("max_time", "Longest time", "time", { hint: "Such as 12h; empty for no limit." }),
  field("default_time", "Time unless asked", "time", { hint: "Such as 2h; empty: the site's." }),
  field("default", "The default machine", "flag"),
  field("enabled", "Enabled", "flag"),
  field("hidden", "Hidden", "flag"),
];

/** What a new entry starts with. */
export const BLANK = {
  tile: { category: "all", container_user: "root", secrets_as: "environment", pull_policy: "missing", enabled: true },
  machine: { cpus: 1, memory: 2 ** 31, shm: 0, gpus: 0, pool: "default", price_per_hour: 0, enabled: true },
};

/** A value of an entry as people read it: "url: …; ref: main". */
export function shownValue(value) {
  if (value === null || value === undefined || value === "") return "nothing";
  if (Array.isArray(value)) return value.length ? value.map(shownValue).join(", ") : "nothing";
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([key, one]) => `${key}: ${shownValue(one)}`).join("; ") || "nothing";
}

export const valueOf = (item, key) => key.split(".").reduce((value, part) => value?.[part], item);

/**
 * The keys that the editor changed, as the service takes them. `texts` has the text of every field,
 * `before` what they were; a group (`idle.…`) goes whole, and is null without its first field or one that may
 * stand alone (`partial`).
 */
export function changedKeys(fields, texts, before) {
  const found = {};
  const groups = new Set();
  fields.filter(({ key }) => texts[key] !== before[key]).forEach(({ key, kind }) => {
    const [group, part] = key.split(".");
    if (part) groups.add(group);
    else found[key] = CODECS[kind].read(texts[key]);
  });
  groups.forEach((group) => {
    const parts = fields.filter(({ key }) => key.startsWith(`${group}.`));
    const whole = parts.some(({ key, partial }, at) => (at === 0 || partial) && texts[key].trim() !== "");
    const pairsOf = parts.map(({ key, kind }) => [key.split(".")[1], CODECS[kind].read(texts[key])]);
    found[group] = whole ? Object.fromEntries(pairsOf) : null;
  });
  return found;
}
