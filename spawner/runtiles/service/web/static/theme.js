// Light or dark, as chosen on any page of the Hub: before the first paint, so not a module.
(() => {
  "use strict";
  const KEY = "jupyterhub-bs-theme";
  const dark = window.matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  function apply() {
    const theme = chosen();
    const known = theme === "light" || theme === "dark";
    const shown = known ? theme : dark.matches ? "dark" : "light";
    document.documentElement.setAttribute("data-bs-theme", shown);
  }

  apply();
  dark.addEventListener("change", apply);
  // Another tab, or a page of the Hub.
  window.addEventListener("storage", (event) => {
    if (event.key === KEY) apply();
  });
  window.runtilesTheme = {
    toggle() {
      const now = document.documentElement.getAttribute("data-bs-theme");
      try {
        localStorage.setItem(KEY, now === "dark" ? "light" : "dark");
      } catch {
        return;
      }
      apply();
    },
  };
})();
