// The admin panel: one section per tab, built when it is looked at first. The address says which one, and
// what it shows: #runtimes?user=ada.
import { audit } from "./admin-audit.js";
import { catalogue } from "./admin-catalogue.js";
import { drain } from "./admin-drain.js";
import { gpus } from "./admin-gpus.js";
import { images } from "./admin-images.js";
import { overview } from "./admin-overview.js";
import { runtimes } from "./admin-runtimes.js";
import { secrets } from "./admin-secrets.js";
import { snapshots } from "./admin-snapshots.js";
import { usage } from "./admin-usage.js";
import { byId } from "./dom.js";

/** Each builds its section once, and is then shown and hidden. */
const BUILDERS = {
  runtimes,
  tiles: (root) => catalogue(root, "tiles"),
  machines: (root) => catalogue(root, "machines"),
  images,
  gpus,
  usage,
  snapshots,
  secrets,
  audit,
  drain,
};
const built = new Map();
let current = "";

function section(name) {
  if (!built.has(name)) built.set(name, BUILDERS[name](byId(`rt-${name}`)));
  return built.get(name);
}

/** What the address asks for; the first section where it says nothing that we know. */
function asked() {
  const [name, query = ""] = location.hash.slice(1).split("?", 2);
  return { name: name in BUILDERS ? name : "runtimes", query: new URLSearchParams(query) };
}

function show() {
  const { name, query } = asked();
  if (current && current !== name) section(current).hide();
  current = name;
  Object.keys(BUILDERS).forEach((other) => {
    byId(`rt-${other}`).hidden = other !== name;
    const tab = byId(`rt-tab-${other}`);
    if (other === name) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  });
  const tab = byId(`rt-tab-${name}`);
  tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  document.title = `${tab.textContent} · Admin panel · Runtiles`;
  section(name).show(query);
}

window.addEventListener("hashchange", show);
overview();
show();
