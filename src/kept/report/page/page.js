"use strict";

(() => {
  const root = document.documentElement, data = JSON.parse(document.getElementById("data").textContent);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const one = (selector, within = document) => within.querySelector(selector);
  const sheets = all("main.sheet").map((element, number) => ({ element, data: data[number], chosen: null, graph: null, view: "graph" }));
  let sheet = sheets[0];
  root.classList.add("js");

  /* Light or dark. */

  const stored = (() => {
    try {
      return localStorage.getItem("kept-theme");
    } catch {
      return null;
    }
  })();
  if (stored === "light" || stored === "dark") root.dataset.theme = stored;
  function theme() {
    const dark = (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    root.dataset.theme = dark ? "light" : "dark";
    try {
      localStorage.setItem("kept-theme", root.dataset.theme);
    } catch { /* a page without storage forgets it */ }
  }

  /* Files and views. */

  function show(number) {
    sheet = sheets[number];
    for (const element of all(".name, main.sheet")) element.hidden = Number(element.dataset.sheet) !== number;
    const chooser = one("#file");
    if (chooser) chooser.value = String(number);
    view(sheet.view);
  }

  function view(name) {
    sheet.view = sheet.element.dataset.view = name;
    for (const button of all(".views button")) button.setAttribute("aria-pressed", String(button.dataset.view === name));
    if (name === "graph" && !sheet.graph) {
      sheet.graph = new Graph(one('.view[data-view="graph"]', sheet.element), sheet.data, choose);
      if (sheet.chosen !== null) sheet.graph.choose(sheet.chosen);
    } else if (name === "graph" && sheet.chosen !== null) sheet.graph.choose(sheet.chosen);
    if (name !== "graph" && sheet.chosen !== null) scrollTo(sheet.chosen);
  }

  function scrollTo(index) {
    one(`tr[data-box="${index}"]`, sheet.element)?.scrollIntoView({ block: "nearest" });
  }

  /* One layer. */

  function choose(index, move = true) {
    sheet.chosen = index;
    if (sheet.graph && (sheet.view === "graph" || index === null)) sheet.graph.choose(index, move);
    for (const element of all("tr.chosen, .tile.chosen", sheet.element)) element.classList.remove("chosen");
    const [panel, overview, place] = [".panel", ".overview", ".details"].map((name) => one(name, sheet.element));
    overview.hidden = index !== null;
    place.hidden = index === null;
    place.replaceChildren(...(index === null ? [] : details(sheet.data, index, choose)));
    panel.scrollTop = 0;
    if (index === null) return;
    for (const element of all(`tr[data-box="${index}"], .tile[data-box="${index}"]`, sheet.element)) element.classList.add("chosen");
    if (sheet.view === "layers") scrollTo(index);
    const box = sheet.data.boxes[index];
    one(".said").textContent = [box.name, box.kind, box.shape, box.nbytes ? `${box.count} parameters` : ""].filter(Boolean).join(", ");
  }

  /* Finding. */

  const find = one("#find"), hits = one("#hits"), MOST_HITS = 60;
  let found = [], place = 0;

  function search() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    hits.hidden = !words.length;
    find.setAttribute("aria-expanded", String(!hits.hidden));
    if (!words.length) return;
    const rank = (box) => {
      const name = box.name.toLowerCase();
      return name.startsWith(words[0]) ? 0 : name.includes(words[0]) ? 1 : (box.kind ?? "").toLowerCase().includes(words[0]) ? 2 : 3;
    };
    found = sheet.data.boxes.map((box, index) => ({ box, index })).filter(({ box, index }) => {
      const text = [box.name, box.kind, box.path, box.node, box.group].filter(Boolean).join("\n").toLowerCase();
      return index && words.every((word) => text.includes(word));
    }).sort((a, b) => rank(a.box) - rank(b.box) || a.index - b.index);
    place = 0;
    hits.replaceChildren(...found.slice(0, MOST_HITS).map(({ box, index }, number) => {
      const item = made("li", "", made("b", "", made("bdi", "", box.name)), made("span", "", box.above ? `${box.kind ?? ""} in ${sheet.data.boxes[box.above].name}` : box.kind ?? ""));
      item.id = `hit-${number}`;
      item.setAttribute("role", "option");
      item.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        go(index);
      });
      return item;
    }), ...(found.length > MOST_HITS ? [made("li", "none", `and ${found.length - MOST_HITS} more`)] : []),
    ...(found.length ? [] : [made("li", "none", "No layer is called that")]));
    mark();
  }

  function mark() {
    all("li[role=option]", hits).forEach((item, number) => {
      item.setAttribute("aria-selected", String(number === place));
      if (number === place) item.scrollIntoView({ block: "nearest" });
    });
    find.setAttribute("aria-activedescendant", found.length ? `hit-${place}` : "");
  }

  function go(index) {
    hits.hidden = true;
    find.setAttribute("aria-expanded", "false");
    find.blur();
    choose(index);
    if (sheet.view === "graph") one(".frame", sheet.element).focus({ preventScroll: true });
  }

  find.addEventListener("input", search);
  find.addEventListener("focus", search);
  find.addEventListener("blur", () => {
    hits.hidden = true;
  });
  find.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const last = Math.min(found.length, MOST_HITS) - 1;
      place = Math.max(0, Math.min(last, place + (event.key === "ArrowDown" ? 1 : -1)));
      mark();
    } else if (event.key === "Enter" && found[place]) go(found[place].index);
    else if (event.key === "Escape") {
      find.value = "";
      find.blur();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  });

  /* Keys and clicks. */

  const keys = one("#keys");
  const back = () => {
    if (sheet.chosen === null) return;
    const above = sheet.data.boxes[sheet.chosen].above;
    choose(above ? above : null);
  };
  const step = (by) => {
    if (sheet.view === "graph") return choose(sheet.graph.beside(by));
    const next = (sheet.chosen ?? (by > 0 ? 0 : sheet.data.boxes.length)) + by;
    return choose(Math.max(1, Math.min(sheet.data.boxes.length - 1, next)));
  };
  const graph = (action) => () => sheet.view === "graph" && action(sheet.graph);
  const open = () => {
    if (sheet.chosen !== null && sheet.view === "graph" && sheet.data.boxes[sheet.chosen].inside) sheet.graph.toggle(sheet.chosen);
    else if (sheet.chosen !== null) one(".panel", sheet.element).focus();
  };
  const actions = {
    "/": () => find.select(),
    "?": () => keys.showModal(),
    j: () => step(1), k: () => step(-1), ArrowDown: () => step(1), ArrowUp: () => step(-1),
    ArrowLeft: graph((it) => choose(it.across(-1))), ArrowRight: graph((it) => choose(it.across(1))),
    "+": graph((it) => it.zoom(1.25)), "=": graph((it) => it.zoom(1.25)), "-": graph((it) => it.zoom(0.8)), 0: graph((it) => it.fit()),
    1: () => view("graph"), 2: () => view("sizes"), 3: () => view("layers"),
    t: theme, Enter: open, Escape: back,
  };
  document.addEventListener("keydown", (event) => {
    const { target, key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || keys.open || !(key in actions)) return;
    if (target.matches("input, select, textarea") || (target.matches("button, summary, a") && key === "Enter")) return;
    if (key.startsWith("Arrow") && target.closest(".panel")) return;
    event.preventDefault();
    actions[key]();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do], .views button, #theme, #ask, .go, tr[data-box], .tile[data-box]");
    if (!button) return;
    if (button.matches(".views button")) view(button.dataset.view);
    else if (button.id === "theme") theme();
    else if (button.id === "ask") keys.showModal();
    else if (button.dataset.do) {
      const by = { in: 1.25, out: 0.8 }[button.dataset.do];
      if (by) sheet.graph.zoom(by);
      else sheet.graph.fit();
    } else choose(Number(button.dataset.box));
  });
  one("#file")?.addEventListener("change", (event) => show(Number(event.target.value)));
  keys.addEventListener("click", (event) => event.target === keys && keys.close());

  show(0);
})();
