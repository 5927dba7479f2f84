// What works on every page: the theme's button, and the header's menu on narrow screens.
const theme = document.getElementById("rt-theme");
if (theme) theme.addEventListener("click", () => window.runtilesTheme.toggle());

const toggle = document.getElementById("rt-nav-toggle");
if (toggle) {
  toggle.addEventListener("click", () => {
    const open = toggle.getAttribute("aria-expanded") !== "true";
    toggle.setAttribute("aria-expanded", String(open));
    document.getElementById("rt-nav").classList.toggle("rt-open", open);
  });
}
