// The words of states, phases and policies, and what follows from them. No DOM in here.
import { bytes, duration, moment } from "./format.js";
import { idleText } from "./idle.js";

/** How a state looks beside its own word: rt-ok, rt-warn, rt-bad, or nothing special. */
const LEVELS = {
  running: "ok", queued: "warn", starting: "warn", resuming: "warn", pausing: "warn", stopping: "warn", failed: "bad",
};
const LAUNCHING = new Set(["queued", "starting", "resuming"]);
const ACTIVE = new Set([...LAUNCHING, "running", "frozen", "pausing", "stopping"]);

export const PHASES = {
  pulling: "Getting the image",
  preparing: "Preparing the image",
  queued: "Waiting for a free machine",
  creating: "Creating the container",
  starting: "Starting the container",
  workspace: "Getting the workspace",
  hook: "Running the startup hook",
  restoring: "Restoring the variables",
  server: "Starting the server",
  ready: "Opening the server",
};
/** Of a pause; `stopping` begins when the snapshot is safe. */
const PAUSING = {
  waiting: "Waiting for the kernels",
  saving: "Saving the variables",
  verifying: "Checking what was saved",
  saved: "Everything is saved",
  stopping: "Everything is saved. Giving back the container",
};

const IDLE_TYPES = {
  kernels_or_terminals: "without kernels and terminals",
  kernel_connections: "without a connection to a kernel",
  activity: "without activity",
  work: "in which nothing computes",
};

const DOES = { stop: "Stops", freeze: "Freezes", pause: "Pauses" };

export const level = (state) => LEVELS[state] || "";
export const isLaunching = ({ state }) => LAUNCHING.has(state);
export const isPausing = ({ state }) => state === "pausing";
export const isActive = ({ state }) => ACTIVE.has(state);

/** What a person calls it: its title, else its name. */
export const titleOf = (runtime) => runtime.title || runtime.name;

export const keyOf = ({ user, name }) => `${user}/${name}`;

const secondsSince = (iso) => (Date.now() - Date.parse(iso)) / 1000;

/** "Running for 2 h 10 min", "Stopped 3 h ago"; empty when nobody knows since when. */
export function sinceText({ state, since }) {
  if (!since) return "";
  const took = duration(secondsSince(since));
  const word = state[0].toUpperCase() + state.slice(1);
  return ["stopped", "failed", "paused"].includes(state) ? `${word} ${took} ago` : `${word} for ${took}`;
}

/** How long it may still run; empty when it does not run. */
export function leftText({ state, expires_at: end }) {
  if (!["running", "frozen"].includes(state)) return "";
  if (!end) return "No time limit";
  const left = -secondsSince(end);
  return left > 0 ? `${duration(left)} left (until ${moment(end)})` : "Its time is up";
}

/** What comes of its idleness; the whole sentence is behind "Why is it alive?". */
export function whyText(runtime) {
  const { state, idle, expires_at: end } = runtime;
  const told = idleText(idle);
  if (state === "frozen") return `Its clock stands still: it computes nothing, and keeps its memory and GPUs. Thaw lets it go on. ${told}`.trim();
  if (state !== "running") return "";
  if (told) return told;
  const until = end ? "Runs until its time limit or until you stop it." : "Runs until you stop it.";
  if (!idle?.timeout) return until;
  return `${DOES[idle.action] || "Pauses"} after ${duration(idle.timeout)} ${IDLE_TYPES[idle.type] || ""}`.trim() + ".";
}

/** What a pause is doing: "Saving the variables · 1.2 GB of 3.4 GB". */
function pausingText({ phase, progress }) {
  const name = PAUSING[phase] || "Pausing";
  if (phase === "waiting") return progress?.message || name;
  const { done, total } = progress || {};
  const amount = phase === "saving" && total ? ` · ${bytes(done || 0)} of ${bytes(total)}` : "";
  return name + amount;
}

/** What a launch or a pause is doing: the phase, the percent where it is known, the latest words. */
export function progressText(runtime) {
  if (isPausing(runtime)) return pausingText(runtime);
  const { phase, progress } = runtime;
  const name = PHASES[phase] || "Starting";
  const percent = progress && progress.percent !== null ? ` · ${Math.round(progress.percent)} %` : "";
  const words = progress?.message && progress.message.replace(/[.…]+$/, "") !== name ? ` · ${progress.message}` : "";
  return name + percent + words;
}

const serverPath = ({ user, name }) =>
  encodeURIComponent(user) + (name === "default" ? "" : `/${encodeURIComponent(name)}`);

/** Where the Hub shows this runtime's launch, or its failure. */
export const pendingPath = (hub, runtime) => `${hub}spawn-pending/${serverPath(runtime)}`;

/** The gallery for this very runtime, filled in with its last options. */
export const spawnPath = (hub, runtime) => `${hub}spawn/${serverPath(runtime)}`;
