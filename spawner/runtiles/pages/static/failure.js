// Fills the failure card that the template laid out. Everything is set as text, never as HTML.
window.runtiles.showFailure = (() => {
  "use strict";
  const { launch } = window.runtiles;

  function put(card, part, text) {
    const node = card.querySelector(`[data-fail="${part}"]`);
    const shown = text !== undefined && text !== null && text !== "";
    node.textContent = shown ? String(text) : "";
    (node.closest("[data-fail-row]") || node).hidden = !shown;
  }

  /** card: the element; failure: code, message, hint, log, exit_code, oom_killed, phase. */
  return (card, failure, lines) => {
    const cancelled = failure.code === "cancelled";
    card.classList.toggle("rt-neutral", cancelled);
    put(card, "title", cancelled ? "The launch was cancelled" : "The runtime did not start");
    put(
      card,
      "message",
      cancelled ? "Nothing of it is left running; your files are kept." : failure.message || "No reason was given.",
    );
    put(card, "hint", cancelled ? "" : failure.hint);
    put(card, "phase", cancelled ? "" : launch.NAMES[failure.phase]);
    put(card, "exit_code", cancelled ? "" : failure.exit_code);
    put(card, "oom", failure.oom_killed ? "yes" : "");
    put(card, "log", cancelled ? "" : failure.log || lines.slice(-50).join("\n"));
    card.hidden = false;
    const log = card.querySelector('[data-fail="log"]');
    log.scrollTop = log.scrollHeight;
    card.focus();
  };
})();
