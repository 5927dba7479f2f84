// The pending page: shows the launch as it goes, cancels it, and ends on the server or a failure card.
(() => {
  "use strict";
  const {
    byId, duration, element, errorText, hubApi, launch, serverModel, serverPath, showFailure,
  } = window.runtiles;
  const root = byId("rt-launch");
  const { user, server } = root.dataset;
  const nodes = new Map();
  let state = launch.fresh();
  let shownLines = 0;
  let spoken = "";
  let cancelling = false;
  let source = null;
  let waiting = false;
  /** Longer than the Hub takes from the cancellation of a launch to its end. */
  const DOUBT_MS = 2500;

  function phaseNode(name, label) {
    if (nodes.has(name)) return nodes.get(name);
    const node = element("li", "rt-phase");
    const text = element("div");
    const bar = element("div", "rt-bar");
    bar.hidden = true;
    bar.append(element("div"));
    text.append(element("span", "rt-phase-name", label), element("span", "rt-sr"), element("span", "rt-phase-text"), bar);
    const mark = element("span", "rt-phase-mark");
    mark.setAttribute("aria-hidden", "true");
    node.append(mark, text, element("span", "rt-phase-time"));
    nodes.set(name, node);
    return node;
  }

  const STATES = { waiting: "not yet", running: "in progress", done: "done", failed: "failed" };

  function drawPhase(row) {
    const node = phaseNode(row.name, row.label);
    node.dataset.state = row.state;
    node.toggleAttribute("aria-current", row.state === "running");
    node.querySelector(".rt-sr").textContent = `: ${STATES[row.state]}`;
    node.querySelector(".rt-phase-text").textContent = row.text;
    node.querySelector(".rt-phase-time").textContent =
      row.seconds >= 0.5 || row.state === "running" ? duration(row.seconds || 0) : "";
    drawBar(node.querySelector(".rt-bar"), row);
    return node;
  }

  function drawBar(bar, row) {
    bar.hidden = row.state !== "running" || row.percent === undefined;
    if (bar.hidden) return;
    setBar(bar, row.percent, row.label);
  }

  function setBar(bar, percent, label) {
    bar.setAttribute("role", "progressbar");
    bar.setAttribute("aria-label", label);
    bar.setAttribute("aria-valuemin", "0");
    bar.setAttribute("aria-valuemax", "100");
    bar.setAttribute("aria-valuenow", String(Math.round(percent)));
    bar.firstElementChild.style.width = `${percent}%`;
  }

  /** Many messages, one drawing: a replayed log comes in a thousand pieces. */
  function drawSoon() {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }

  function draw() {
    waiting = false;
    const wanted = launch.rows(state).map(drawPhase);
    const list = byId("rt-phases");
    if (wanted.some((node, i) => list.children[i] !== node) || list.children.length !== wanted.length) {
      list.replaceChildren(...wanted);
    }
    setBar(byId("rt-bar"), state.percent, "The whole launch");
    drawLog();
    drawNotices();
    speak();
    // Seen while another tab is in front.
    document.title = `${state.failure ? "Failed" : `${Math.round(state.percent)} %`} · ${root.dataset.title}`;
  }

  function drawLog() {
    const box = byId("rt-lines");
    if (state.lines.length === shownLines) return;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    box.textContent = state.lines.join("\n");
    shownLines = state.lines.length;
    byId("rt-log-count").textContent = `(${shownLines})`;
    byId("rt-log").hidden = false;
    if (atEnd) box.scrollTop = box.scrollHeight;
  }

  function drawNotices() {
    byId("rt-notices").hidden = !state.notices.length;
    if (byId("rt-notices").children.length === state.notices.length) return;
    byId("rt-notices").replaceChildren(...state.notices.map((text) => element("p", "", text)));
  }

  /** One sentence per phase for a screen reader; bytes and seconds would drown it. */
  function speak() {
    const label = state.ready ? "Ready. Opening the server." : launch.NAMES[state.current] || "";
    if (label === spoken) return;
    spoken = label;
    byId("rt-spoken").textContent = label;
  }

  /** The stream is over. Who cancelled here waits for the answer to that. */
  async function end() {
    if (cancelling) return;
    if (launch.doubtful(state)) {
      await new Promise((done) => setTimeout(done, DOUBT_MS));
      const model = await serverModel(user, server);
      if (!model || !model.ready) launch.takeCancelled(state);
    }
    finish();
  }

  function finish() {
    clearInterval(clock);
    source.close();
    if (state.ready) {
      byId("rt-title").textContent = "Ready";
      // The Hub redirects this address to the server (and honours ?next).
      location.reload();
      return;
    }
    draw();
    byId("rt-running").hidden = byId("rt-foot").hidden = true;
    byId("rt-title").textContent = byId("rt-title").dataset.over;
    byId("rt-spoken").textContent = "";
    showFailure(byId("rt-failure"), state.failure, state.lines);
  }

  function listen() {
    source = new EventSource(root.dataset.progress);
    source.onopen = () => {
      // The stream always starts with the first event: what was known before would count twice.
      state = launch.fresh();
      shownLines = 0;
      byId("rt-lost").hidden = true;
    };
    source.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      launch.take(state, message);
      if (message.ready || message.failed) {
        source.close();
        end();
      } else {
        drawSoon();
      }
    };
    source.onerror = () => {
      byId("rt-lost").hidden = false;
      // Closed for good: the launch is over (or the session): the Hub knows which page is right now.
      if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 3000);
    };
  }

  async function cancel() {
    const button = byId("rt-cancel");
    cancelling = true;
    button.disabled = true;
    button.textContent = "Cancelling…";
    try {
      const response = await hubApi(serverPath(user, server), { method: "DELETE" });
      if (response.ok) {
        launch.takeCancelled(state);
        finish();
        return;
      }
      byId("rt-cancel-error").textContent = await errorText(response);
    } catch {
      byId("rt-cancel-error").textContent = "The Hub does not answer. The launch may still go on.";
    }
    cancelling = false;
    button.disabled = false;
    button.textContent = "Cancel";
    if (source.readyState === EventSource.CLOSED) location.reload();
  }

  byId("rt-cancel").addEventListener("click", cancel);
  const clock = setInterval(draw, 1000);
  draw();
  listen();
})();
