// The page of a server that is not there.
(() => {
  "use strict";
  // A launch link that led here keeps its fragment on the way to the gallery.
  const start = document.getElementById("start");
  if (start && location.hash) start.href += location.hash;
  // The end of the output says why.
  const log = document.querySelector('[data-fail="log"]');
  if (log) log.scrollTop = log.scrollHeight;

  function startAfter(seconds) {
    document.getElementById("rt-soon").textContent = `It starts by itself in ${seconds} seconds.`;
    setTimeout(() => location.assign(start.href), 1000 * seconds);
  }

  const button = document.getElementById("rt-resume");
  if (button) offerResume(button);

  async function offerResume({ dataset: { user, server, service, after } }) {
    const { resume } = window.runtiles;
    const paused = await resume.asked(service, user);
    // One that may be paused does not start empty by itself; without the service nothing is.
    const surely = service ? paused && !paused.has(server) : true;
    if (Number(after) && surely) startAfter(Number(after));
    if (!paused || !paused.has(server)) return;
    document.getElementById("rt-is").textContent = "This runtime is paused. Its files and its variables are kept.";
    start.textContent = "Start it empty";
    start.classList.replace("btn-primary", "rt-quiet");
    button.hidden = false;
    resume.arm(button, (text) => (document.getElementById("rt-resume-said").textContent = text), service, user, server);
  }
})();
