// Builds DOM from data. Text is always text: nothing here (or on our pages) reads a string as HTML.

const SVG = "http://www.w3.org/2000/svg";
/** Where a link may lead: the web, or a path of this site. */
const LINK = /^(https?:\/\/|\/(?!\/)|#)/i;

export const byId = (id) => document.getElementById(id);

function setLink(node, value) {
  if (value && LINK.test(value)) node.setAttribute("href", value);
  else node.removeAttribute("href");
}

function setOne(node, name, value) {
  if (name === "class") node.className = value;
  else if (name === "text") node.textContent = value;
  else if (name === "on") Object.entries(value).forEach(([event, does]) => node.addEventListener(event, does));
  else if (name === "data") Object.assign(node.dataset, value);
  else if (name === "href") setLink(node, value);
  else if (name in node && typeof value !== "string") node[name] = value;
  else if (value === null || value === undefined || value === false) node.removeAttribute(name);
  else node.setAttribute(name, value === true ? "" : value);
}

/**
 * el("button", { class: "rt-button", type: "button", on: { click } }, "Text", child, …)
 * `text` and strings become text; `data` the dataset; an `href` that is no web address or path of this
 * site is left out; booleans are set as properties.
 */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  Object.entries(props).forEach(([name, value]) => setOne(node, name, value));
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** Changes properties of a node that is there, as `el` sets them; text only if it differs. */
export function set(node, props) {
  Object.entries(props).forEach(([name, value]) => {
    if (name === "text" && node.textContent === String(value ?? "")) return;
    setOne(node, name, value);
  });
  return node;
}

/** A drawing of the page's sprite (templates/sprite.html), or nothing when it has none of the name. */
export function icon(name, label = "") {
  if (!byId(`rt-i-${name}`)) return null;
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#rt-i-${name}`);
  svg.setAttribute("class", "rt-drawing");
  svg.setAttribute("focusable", "false");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  svg.append(use);
  return svg;
}

/** A tile's drawing in its square; its title's first letter when there is no such drawing. */
export function tileIcon(name, title) {
  const drawing = name && icon(name);
  const letter = ([...(title || "?")][0] || "?").toUpperCase();
  return el("span", { class: drawing ? "rt-icon" : "rt-icon rt-icon-letter", "aria-hidden": "true" }, drawing || letter);
}

/** A bar from 0 to 100; `percent` null: something goes on, nobody knows how far it is. */
export function setBar(bar, percent, label) {
  const known = typeof percent === "number";
  bar.setAttribute("role", "progressbar");
  bar.setAttribute("aria-label", label);
  bar.classList.toggle("rt-bar-unknown", !known);
  if (!bar.firstElementChild) bar.append(el("div"));
  if (known) {
    bar.setAttribute("aria-valuenow", String(Math.round(percent)));
    bar.firstElementChild.style.width = `${Math.min(100, Math.max(0, percent))}%`;
  } else {
    bar.removeAttribute("aria-valuenow");
    bar.firstElementChild.style.width = "";
  }
}

/** Says something in passing: read out, shown for some seconds; a bad one stays until it is closed. */
export function say(text, { bad = false } = {}) {
  const close = el("button", { type: "button", class: "rt-button rt-small", text: "Dismiss", on: { click: () => toast.remove() } });
  const toast = el("div", { class: bad ? "rt-toast rt-toast-bad" : "rt-toast" }, el("span", { text }), close);
  byId("rt-toasts").append(toast);
  if (!bad) setTimeout(() => toast.remove(), 6000);
}
