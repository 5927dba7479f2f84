// Leads to the gallery for a new runtime: "New runtime" without a fragment, a launch link
// (…/launch#tile=SLUG&workspace=URL) with all that is behind the #. That is read here and nowhere else:
// no server is ever told, and nothing is started.
import { get, logIn, site } from "./api.js";
import { byId } from "./dom.js";
import { galleryAddress } from "./gallery.js";

/** Survives the sign-in; the gallery looks here, too. */
const KEPT = "runtiles.link";

function keep(link) {
  try {
    if (link) sessionStorage.setItem(KEPT, link.slice(1));
  } catch {
    // The link has to be opened again after the sign-in.
  }
}

function take() {
  if (location.hash) return location.hash;
  try {
    const kept = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    return kept ? `#${kept}` : "";
  } catch {
    return "";
  }
}

async function gallery(link) {
  try {
    return galleryAddress(await get("/runtimes"), link);
  } catch {
    // The Hub's own way asks for what it needs.
    return `${site.hub}spawn${link}`;
  }
}

const link = take();
byId("rt-gallery").href += link;
if (!site.user && logIn()) keep(link);
else location.replace(await gallery(link));
