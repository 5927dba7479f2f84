// A launch link opened before sign-in: the form's address has no room for the fragment, so it is kept
// for this tab until the gallery reads it.
(() => {
  "use strict";
  if (!/(^#|&)tile=/.test(location.hash)) return;
  try {
    sessionStorage.setItem("runtiles.link", location.hash.slice(1));
  } catch {
    // No session storage: the link has to be opened again after sign-in.
  }
})();
