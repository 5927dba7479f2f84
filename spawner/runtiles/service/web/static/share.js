// Launch links: what others follow to a gallery that is filled in, and the badge that carries one.
import { site } from "./api.js";
import { copyField } from "./clipboard.js";
import { open } from "./dialog.js";
import { el } from "./dom.js";

/** Text of a Markdown image must not end it, an address must not end the link. */
const badge = (link) => `[![Open in Runtiles](${location.origin}${site.home}badge.svg)](${link.replace(/[()]/g, encodeURIComponent)})`;

export function launchLink({ tile, workspace, ref }) {
  const parts = new URLSearchParams({ tile });
  if (workspace) parts.set("workspace", workspace);
  if (workspace && ref) parts.set("ref", ref);
  // Encoded where Markdown and chats would cut the address.
  const text = parts.toString().replace(/[()]/g, (one) => (one === "(" ? "%28" : "%29"));
  return `${location.origin}${site.home}launch#${text}`;
}

function field(id, label, hint, placeholder = "") {
  const input = el("input", { id, class: "rt-input", placeholder, autocomplete: "off", spellcheck: "false", "aria-describedby": `${id}-hint` });
  const node = el("div", { class: "rt-field" }, el("label", { for: id, text: label }), input, el("span", { class: "rt-hint", id: `${id}-hint`, text: hint }));
  return { node, input };
}

/** `tiles` as the API lists them; `chosen` is a slug, perhaps of one that is not listed. */
export function shareDialog(tiles, chosen = "") {
  const known = tiles.some(({ slug }) => slug === chosen) || !chosen ? tiles : [...tiles, { slug: chosen, title: chosen }];
  const select = el("select", { id: "rt-share-tile", class: "rt-input" }, ...known.map(({ slug, title }) => el("option", { value: slug, text: title })));
  if (chosen) select.value = chosen;
  const workspace = field("rt-share-workspace", "Workspace URL", "Empty: the tile's own.", "https://…");
  const ref = field("rt-share-ref", "Ref", "A branch, tag or commit; empty: the default branch.");
  const link = copyField("rt-share-link", "Link");
  const markdown = copyField("rt-share-markdown", "Markdown with the badge", { lines: 3 });
  const preview = el("img", { src: `${site.home}badge.svg`, alt: "Open in Runtiles", width: "148", height: "24" });

  function refresh() {
    const address = launchLink({ tile: select.value, workspace: workspace.input.value.trim(), ref: ref.input.value.trim() });
    link.set(address);
    markdown.set(badge(address));
  }

  refresh();
  const choice = el("div", { class: "rt-field" }, el("label", { for: "rt-share-tile", text: "Tile" }), select);
  const fields = el("div", { class: "rt-form" }, choice, workspace.node, ref.node, link.node, markdown.node, el("p", {}, preview));
  fields.addEventListener("input", refresh);
  const lead = el("p", { class: "rt-muted", text: "Who follows it gets the gallery filled in, and starts the runtime with a click of their own." });
  return open({ title: "Launch link and badge", body: [lead, fields], action: "", cancel: "Close", wide: true });
}
