// The page of a server that is not there.
(() => {
  "use strict";
  // A launch link that led here keeps its fragment on the way to the gallery.
  const start = document.getElementById("start");
  if (start && location.hash) start.href += location.hash;
  // The end of the output says why.
  const log = document.querySelector('[data-fail="log"]');
  if (log) log.scrollTop = log.scrollHeight;

  const button = document.getElementById("rt-resume");
  if (button) offerResume(button);

  async function offerResume({ dataset: { user, server, service } }) {
    const { resume } = window.runtiles;
    if (!(await resume.paused(service, user)).has(server)) return;
    document.getElementById("rt-is").textContent = "This runtime is paused. Its files and its variables are kept.";
    start.textContent = "Start it empty";
    start.classList.replace("btn-primary", "rt-quiet");
    button.hidden = false;
    resume.arm(button, (text) => (document.getElementById("rt-resume-said").textContent = text), service, user, server);
  }
})();
