// The page of a server that is not there.
(() => {
  "use strict";
  // A launch link that led here keeps its fragment on the way to the gallery.
  const start = document.getElementById("start");
  if (start && location.hash) start.href += location.hash;
  // The end of the output says why.
  const log = document.querySelector('[data-fail="log"]');
  if (log) log.scrollTop = log.scrollHeight;
})();
