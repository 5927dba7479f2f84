// The gallery's tiles and machines: which are shown, in which order, which fit each other.
window.runtiles.tiles = (() => {
  "use strict";
  const { byId, remember } = window.runtiles;
  const VIEW = "runtiles.view";

  /** Everything the page knows about what can be started. */
  const data = JSON.parse(byId("rt-gallery-data").textContent);
  const order = Object.keys(data.tiles);
  const cards = new Map(
    [...document.querySelectorAll(".rt-tile")].map((card) => [card.dataset.tile, card]),
  );
  const haystacks = new Map(order.map((slug) => [slug, haystack(slug)]));
  const view = { show: "recommended", sort: "recommended", search: "" };

  function haystack(slug) {
    const tile = data.tiles[slug];
    return [slug, tile.title, tile.description, tile.image, tile.workspace].join("\n").toLowerCase();
  }

  function chosen() {
    const input = document.querySelector('input[name="tile"]:checked');
    return input ? input.value : "";
  }

  function choose(slug) {
    const card = cards.get(slug);
    if (!card) return false;
    card.querySelector("input").checked = true;
    return true;
  }

  /** Every word must occur somewhere in the tile. */
  function matches(slug, words) {
    return words.every((word) => haystacks.get(slug).includes(word));
  }

  function sorted() {
    const by = {
      recommended: () => 0,
      name: (a, b) => data.tiles[a].title.localeCompare(data.tiles[b].title),
      recent: (a, b) => (data.tiles[b].recent || 0) - (data.tiles[a].recent || 0),
    }[view.sort];
    return [...order].sort(by);
  }

  /** Show what the toolbar asks for. */
  function update() {
    const words = view.search.toLowerCase().split(/\s+/).filter(Boolean);
    const found = order.filter((slug) => matches(slug, words));
    const listed = ({ unlisted, recommended, slug }) =>
      unlisted ? slug === chosen() : view.show === "all" || recommended;
    const shown = new Set(found.filter((slug) => listed(data.tiles[slug])));
    cards.forEach((card, slug) => {
      card.hidden = !shown.has(slug);
    });
    byId("rt-count").textContent = `${shown.size} ${shown.size === 1 ? "tile" : "tiles"} shown`;
    explainNone(shown.size, found.length);
  }

  function explainNone(shown, found) {
    byId("rt-none").hidden = shown > 0 || !order.length;
    byId("rt-show-all").hidden = !found;
    byId("rt-none").querySelector("p").textContent = found
      ? `No recommended tile matches; ${found} of all tiles ${found === 1 ? "does" : "do"}.`
      : "No tile matches this search.";
  }

  function resort() {
    const list = byId("rt-tiles");
    // The chosen radio keeps its state, and the focus stays in the toolbar.
    list.append(...sorted().map((slug) => cards.get(slug)));
  }

  function setView(changes) {
    Object.assign(view, changes);
    if ("sort" in changes) resort();
    update();
    remember(VIEW, { show: view.show, sort: view.sort });
  }

  /** The toolbar, with the view of the last visit; a chosen tile is never hidden at first. */
  function start() {
    const last = remember(VIEW) || {};
    const sorts = ["recommended", "name", "recent"];
    view.sort = sorts.includes(last.sort) ? last.sort : "recommended";
    const hidden = chosen() && !data.tiles[chosen()].recommended;
    const none = !order.some((slug) => data.tiles[slug].recommended);
    const another = location.hash === "#choose";
    view.show = last.show === "all" || hidden || none || another ? "all" : "recommended";
    wire();
    resort();
    update();
    if (another) byId("rt-search").focus();
  }

  function wire() {
    const shows = document.querySelectorAll('input[name="rt-show"]');
    const check = () => shows.forEach((input) => (input.checked = input.value === view.show));
    check();
    byId("rt-sort").value = view.sort;
    shows.forEach((input) => input.addEventListener("change", () => setView({ show: input.value })));
    byId("rt-sort").addEventListener("change", (event) => setView({ sort: event.target.value }));
    byId("rt-search").addEventListener("input", (event) => setView({ search: event.target.value }));
    byId("rt-search").addEventListener("keydown", (event) => {
      // Enter in the search field must not start a runtime.
      if (event.key === "Enter") event.preventDefault();
    });
    byId("rt-show-all").addEventListener("click", () => {
      setView({ show: "all" });
      check();
      byId("rt-search").focus();
    });
    byId("rt-toolbar").hidden = false;
  }

  const machineInputs = [...document.querySelectorAll('input[name="machine"]')];
  let machineKept = false;

  function machine() {
    const input = machineInputs.find((candidate) => candidate.checked);
    return input ? input.value : "";
  }

  /** The person (or the last choice) named this machine: no tile changes it any more. */
  function keepMachine() {
    machineKept = true;
  }

  function chooseMachine(slug) {
    const input = machineInputs.find((candidate) => candidate.value === slug && !candidate.disabled);
    if (input) input.checked = true;
    return Boolean(input);
  }

  /** A tile was chosen: a machine of its kind (with or without GPUs), unless one was named. */
  function suitMachine() {
    const tile = data.tiles[chosen()];
    const current = data.machines[machine()];
    if (machineKept || !tile || (current && tile.gpu === current.gpus > 0)) return;
    chooseMachine(tile.machine);
  }

  function keptMachine() {
    return machineKept ? machine() : "";
  }

  /** Any tile runs on any machine; one made for GPUs says so where there is none. */
  function explainMachines() {
    const tile = data.tiles[chosen()];
    document.querySelectorAll(".rt-machine").forEach((row) => {
      const lacks = tile && tile.gpu && !data.machines[row.dataset.machine].gpus;
      row.querySelector(".rt-machine-why").textContent = lacks ? "This tile is made for a GPU" : "";
    });
  }

  /** New word about which machines are free, from a page that was just made. */
  function updateMachines(machines) {
    document.querySelectorAll(".rt-machine").forEach((row) => {
      const machine = machines[row.dataset.machine];
      if (!machine) return;
      data.machines[row.dataset.machine] = machine;
      row.querySelector("input").disabled = !machine.usable;
      const free = row.querySelector(".rt-machine-free");
      free.className = `rt-machine-free rt-dot rt-${machine.level}`;
      free.textContent = machine.free_text;
    });
  }

  return {
    data, cards, chosen, choose, chooseMachine, explainMachines, keepMachine, keptMachine, machine,
    start, suitMachine, updateMachines,
  };
})();
