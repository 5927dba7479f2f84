// What is known about one launch, made from the Hub's stream of events. No DOM in here.
window.runtiles.launch = (() => {
  "use strict";
  const { bytes, duration } = window.runtiles;

  const NAMES = {
    pulling: "Getting the image",
    preparing: "Preparing the image",
    queued: "Waiting for a free machine",
    creating: "Creating the container",
    starting: "Starting the container",
    workspace: "Getting the workspace",
    hook: "Running the startup hook",
    restoring: "Restoring the variables",
    server: "Starting the server",
  };
  const ORDER = Object.keys(NAMES);
  /** Shown before they begin: the phases that nearly every launch has. */
  const USUAL = ["pulling", "creating", "starting", "workspace", "server"];
  const MAX_LINES = 2000;
  /** The rate is taken over the last seconds, so that it follows the network. */
  const RATE_WINDOW_S = 8;

  function fresh() {
    return {
      phases: {}, current: "", percent: 0, message: "", lines: [], notices: [],
      failure: null, announced: false, ready: false, offset: Infinity,
    };
  }

  /** Takes one message of the Hub's stream into the state. */
  function take(state, message) {
    if (typeof message.progress === "number" && !message.failed) {
      state.percent = Math.max(state.percent, message.progress);
    }
    if (message.event) takeEvent(state, message.event);
    else if (message.message && !message.ready && !message.failed) state.message = message.message;
    if (message.ready) takeReady(state);
    if (message.failed) takeFailed(state, message);
  }

  /** What the phase is called already need not stand under its name again. */
  function repeats(event) {
    const words = event.message.replace(/[.…]+$/, "").toLowerCase();
    return words === (NAMES[event.phase] || "").toLowerCase();
  }

  function takeEvent(state, event) {
    // Server and browser clocks differ: the freshest event tells by how much.
    state.offset = Math.min(state.offset, Date.now() / 1000 - event.time);
    const { kind } = event;
    if (kind === "log") return addLine(state, event.message || "");
    if (kind === "ready") {
      state.announced = true;
      return undefined;
    }
    if (kind === "failed") {
      state.failure = { message: event.message, phase: event.phase, ...event.details };
      return endPhase(state, event.time, "failed");
    }
    const phase = enter(state, event);
    if (kind === "notice") state.notices.push(event.message);
    else if (event.message && !repeats(event)) phase.message = event.message;
    if (kind === "progress") progress(phase, event);
    return undefined;
  }

  function addLine(state, text) {
    state.lines.push(text);
    if (state.lines.length > MAX_LINES) state.lines.splice(0, state.lines.length - MAX_LINES);
  }

  function enter(state, event) {
    if (!NAMES[event.phase]) return {};
    if (state.current !== event.phase) {
      endPhase(state, event.time, "done");
      state.current = event.phase;
      state.phases[event.phase] = state.phases[event.phase] || { since: event.time, samples: [] };
    }
    return state.phases[event.phase];
  }

  function endPhase(state, time, how) {
    const phase = state.phases[state.current];
    if (phase && !phase.end) Object.assign(phase, { end: time, how });
  }

  function progress(phase, event) {
    if (event.percent !== undefined) phase.percent = event.percent;
    if (event.done === undefined) return;
    phase.done = event.done;
    phase.total = event.total;
    phase.samples.push([event.time, event.done]);
    while (phase.samples.length > 2 && event.time - phase.samples[0][0] > RATE_WINDOW_S) {
      phase.samples.shift();
    }
  }

  function takeReady(state) {
    if (state.failure) return;
    state.ready = true;
    state.percent = 100;
    endPhase(state, now(state), "done");
  }

  function takeFailed(state, message) {
    if (message.message === "Spawn cancelled") return takeCancelled(state);
    if (!state.failure) {
      state.failure = { message: (message.message || "").replace(/^Spawn failed: /, "") };
    }
    return endPhase(state, now(state), "failed");
  }

  function takeCancelled(state) {
    state.ready = false;
    state.failure = { code: "cancelled" };
    endPhase(state, now(state), "failed");
  }

  /** The Hub (6.1) calls a launch that was just cancelled ready for a second. A launch that told of
      its phases and not of its own success is to be asked about again. */
  function doubtful(state) {
    return state.ready && !state.announced && state.current !== "";
  }

  function now(state) {
    return Date.now() / 1000 - (Number.isFinite(state.offset) ? state.offset : 0);
  }

  /** Bytes per second over the last samples; 0 when unknown. */
  function rate({ samples }) {
    if (!samples || samples.length < 2) return 0;
    const [first, last] = [samples[0], samples[samples.length - 1]];
    const seconds = last[0] - first[0];
    return seconds > 0.5 ? Math.max(0, (last[1] - first[1]) / seconds) : 0;
  }

  /** "1.2 GB of 3.4 GB · 45 MB/s · about 50 s left" */
  function amount(phase) {
    if (phase.done === undefined) return "";
    const parts = [phase.total ? `${bytes(phase.done)} of ${bytes(phase.total)}` : bytes(phase.done)];
    const speed = phase.end ? 0 : rate(phase);
    if (speed > 0) {
      parts.push(`${bytes(speed)}/s`);
      if (phase.total > phase.done) parts.push(`about ${duration((phase.total - phase.done) / speed)} left`);
    }
    return parts.join(" · ");
  }

  function percentOf(phase) {
    if (phase.percent !== undefined) return phase.percent;
    return phase.total ? (100 * phase.done) / phase.total : undefined;
  }

  /** The list to show: name, state, text, percent, seconds. Phases that were left out are not in it. */
  function rows(state) {
    const at = ORDER.indexOf(state.current);
    return ORDER.filter((name, i) => state.phases[name] || (i > at && USUAL.includes(name)))
      .map((name) => row(state, name))
      .filter((entry) => entry.state !== "waiting" || !state.failure);
  }

  function row(state, name) {
    const phase = state.phases[name];
    if (!phase) return { name, label: NAMES[name], state: "waiting", text: "" };
    return {
      name,
      label: NAMES[name],
      state: phase.end ? phase.how : "running",
      text: [phase.message, amount(phase)].filter(Boolean).join(" · "),
      percent: percentOf(phase),
      seconds: (phase.end || now(state)) - phase.since,
    };
  }

  return { NAMES, doubtful, fresh, rows, take, takeCancelled };
})();
