// The way to the gallery for a new runtime. The Hub's gallery is for one server: the unnamed one, if that
// is not taken yet, else a named one whose name is made here.
import { site } from "./api.js";

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const LONGEST = 30;

/** Whether the Hub would take it as a server's name. */
export const isName = (name) => NAME.test(name) && name.length <= LONGEST && name !== "default";

/** A name as the Hub takes it that none of these runtimes has: wish, wish-2, wish-3 … */
export function freeName(runtimes, wish) {
  const taken = new Set(["default", ...runtimes.map(({ name }) => name)]);
  const base = isName(wish) ? wish : "runtime";
  let name = base;
  for (let number = 2; taken.has(name); number += 1) {
    const tail = `-${number}`;
    name = base.slice(0, LONGEST - tail.length).replace(/-+$/, "") + tail;
  }
  return name;
}

/** The gallery's address; `link` is a launch link's fragment with its #, or nothing. */
export function galleryAddress(runtimes, link = "") {
  if (!runtimes.some(({ name }) => name === "default")) return `${site.hub}spawn${link}`;
  const parts = new URLSearchParams(link.slice(1));
  const name = freeName(runtimes, parts.get("name") || parts.get("tile") || "runtime");
  // The address says it already.
  parts.delete("name");
  const rest = parts.toString();
  return `${site.hub}spawn/${encodeURIComponent(site.user)}/${name}${rest ? `#${rest}` : ""}`;
}
