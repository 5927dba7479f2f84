// What the form is filled with: a launch link first, then what was typed before, then the last choice.
window.runtiles.draft = (() => {
  "use strict";
  const { byId, element, remember, tiles } = window.runtiles;
  const form = byId("spawn_form");
  const { data } = tiles;
  /** Fields that may hold a credential are never kept in the browser. */
  const UNKEPT = ["workspace_password", "registry_password", "environment"];
  /** What a link may fill in: nothing that runs a command or carries a credential. */
  const LINKABLE = { workspace: "workspace_url", ref: "workspace_ref", image: "image", name: "name" };
  const LINK_KEY = "runtiles.link";

  const fields = [...form.querySelectorAll("[data-placeholder]")];
  const key = `runtiles.draft:${form.dataset.user}/${data.server}`;
  /** The values of the last choice belong to its tile; another tile starts with its own. */
  const remembered = Object.fromEntries(fields.map((field) => [field.name, field.value]));
  const touched = new Set();

  function save() {
    const values = {};
    fields.forEach((field) => {
      if (touched.has(field.name) && !UNKEPT.includes(field.name)) values[field.name] = field.value;
    });
    remember(key, { tile: tiles.chosen(), machine: tiles.keptMachine(), values });
  }

  function forget() {
    remember(key, null);
  }

  function set(name, value) {
    const field = fields.find((candidate) => candidate.name === name);
    if (!field || field.disabled || typeof value !== "string") return false;
    field.value = value;
    touched.add(name);
    return true;
  }

  function restore() {
    const draft = remember(key);
    if (!draft || typeof draft !== "object") return;
    if (tiles.choose(draft.tile)) tiles.suitMachine();
    if (tiles.chooseMachine(draft.machine)) tiles.keepMachine();
    Object.entries(draft.values || {}).forEach(([name, value]) => {
      if (!UNKEPT.includes(name)) set(name, value);
    });
  }

  /** The fragment of this page or the one that the sign-in page kept; used once. */
  function takeLink() {
    let text = location.hash.slice(1);
    try {
      text = text || sessionStorage.getItem(LINK_KEY) || "";
      sessionStorage.removeItem(LINK_KEY);
    } catch {
      // No session storage: the fragment alone.
    }
    if (!/(^|&)tile=/.test(text)) return null;
    history.replaceState(null, "", location.pathname + location.search);
    return new URLSearchParams(text);
  }

  /** Fill the form from a link. Nothing starts: that takes the person's own click. */
  function applyLink() {
    const link = takeLink();
    if (!link) return false;
    // Nothing of the person's own may mix with it: a remembered password must never go to the host
    // that a stranger's link names.
    fields.forEach((field) => {
      remembered[field.name] = field.value = "";
    });
    touched.clear();
    const lines = [];
    lines.push(linkTile(link.get("tile")));
    tiles.suitMachine();
    if (link.get("machine")) lines.push(linkMachine(link.get("machine")));
    const labels = { workspace: "Workspace", ref: "Ref", image: "Image", name: "Name" };
    Object.entries(LINKABLE).forEach(([part, name]) => {
      const value = link.get(part);
      if (!value) return;
      lines.push(set(name, value) ? `${labels[part]}: ${value}` : `${labels[part]} ${value} is not allowed here.`);
    });
    showLink(lines);
    return true;
  }

  function linkTile(slug) {
    const retired = data.retired[slug];
    if (retired && tiles.choose(retired.successor)) {
      return `Tile: ${data.tiles[retired.successor].title}, which takes the place of ${retired.title} (deprecated)`;
    }
    return tiles.choose(slug) ? `Tile: ${data.tiles[slug].title}` : `No tile here is called “${slug}”.`;
  }

  function linkMachine(slug) {
    if (!tiles.chooseMachine(slug)) return `The machine “${slug}” cannot be had here.`;
    tiles.keepMachine();
    return `Machine: ${data.machines[slug].title}`;
  }

  function showLink(lines) {
    const note = byId("rt-link-note");
    const list = element("ul");
    lines.forEach((line) => list.append(element("li", "", line)));
    note.replaceChildren(
      element("strong", "", "This form was filled in by a link: check before you start."),
      list,
    );
    note.hidden = false;
  }

  /** A link to this choice, for others: the same parts that a link may fill in. */
  function link() {
    const parts = new URLSearchParams({ tile: tiles.chosen() });
    if (tiles.machine()) parts.set("machine", tiles.machine());
    Object.entries(LINKABLE).forEach(([part, name]) => {
      const field = fields.find((candidate) => candidate.name === name);
      if (field && !field.disabled && field.value) parts.set(part, field.value);
    });
    return `${location.origin}${window.runtiles.hub.base_url}spawn#${parts}`;
  }

  /** Another tile was chosen: grey values are its own; what the person typed stays. */
  function followTile(slug) {
    const own = (data.tiles[slug] && data.tiles[slug].values) || {};
    fields.forEach((field) => {
      field.placeholder = own[field.name] || field.dataset.placeholder;
      if (!touched.has(field.name)) field.value = slug === data.tile ? remembered[field.name] : "";
    });
  }

  /** How many advanced fields differ from the tile's own values. */
  function changed() {
    return fields.filter((field) => field.value.trim() && !field.disabled).length;
  }

  fields.forEach((field) => field.addEventListener("input", () => touched.add(field.name)));

  return { applyLink, changed, fields, followTile, forget, link, restore, save };
})();
