// Puts answers of the server into the page: every cell that differs from the saved version, and back what does not any more.
const SHOWN = 12_000; // milliseconds that an old value stays beside the new one

export class Painter {
  #cells = new Map(); // as saved: id -> {v, raw, range}
  #totals = new Map();
  #worths = new Map();
  #words = new Map();
  #painted = { cells: new Set(), totals: new Set(), drivers: new Set(), rows: new Set() };
  #timer;

  constructor(root, data) {
    this.root = root;
    this.data = data;
    this.saved = data.rows;
    this.rows = { ...data.rows };
    this.figures = root.querySelector("#sheet-figures");
    for (const cell of root.querySelectorAll("td[data-cell]")) {
      const range = cell.querySelector(".cell-range")?.textContent ?? "";
      this.#cells.set(cell.dataset.cell, { v: cell.querySelector(".cell").innerHTML, raw: cell.dataset.raw, range });
    }
    for (const cell of root.querySelectorAll("td[data-total]")) this.#totals.set(cell.dataset.total, cell.querySelector(".cell").innerHTML);
    for (const place of root.querySelectorAll("[data-worth]")) this.#worths.set(place.dataset.worth, place.querySelector(".sheet-worth").innerHTML);
    for (const line of root.querySelectorAll("tr[data-row]")) {
      const words = line.querySelector("[data-words]");
      this.#words.set(line.dataset.row, { words: words.textContent, formula: words.title });
    }
  }

  get shape() {
    return this.data.shape;
  }

  // Answers whether the whole grid was replaced. ``editing`` is the cell that somebody types into: it is left alone.
  paint(answer, editing = null) {
    const replaced = Boolean(answer.sheet);
    if (replaced) this.#replace(answer);
    this.#cellsOf(answer, editing);
    this.#texts(answer);
    this.rows = { ...(replaced ? answer.data.rows : this.rowsNow()), ...answer.rows };
    this.figures.innerHTML = answer.figures;
    window.htmx.process(this.figures);
    this.#settle();
    return replaced;
  }

  // What was typed, until the answer comes.
  pend(id, text) {
    const cell = this.root.querySelector(`td[data-cell="${CSS.escape(id)}"]`);
    if (!cell) return;
    cell.querySelector(".cell").textContent = text;
    cell.classList.add("is-pending");
    this.#painted.cells.add(id);
  }

  // Rows of the markup that stands, as saved where the version has them.
  rowsNow() {
    const made = {};
    for (const key of Object.keys(this.data.rows)) made[key] = this.saved[key] ?? this.data.rows[key];
    return made;
  }

  #replace(answer) {
    const place = this.root.querySelector("#sheet-grid");
    place.innerHTML = answer.sheet;
    window.htmx.process(place);
    reveal(place);
    this.data = answer.data;
    this.#painted.cells = new Set(Object.keys(answer.cells));
  }

  #cellsOf(answer, editing) {
    for (const id of this.#painted.cells) if (!(id in answer.cells)) this.#cell(id, this.#cells.get(id), editing);
    for (const [id, entry] of Object.entries(answer.cells)) this.#cell(id, entry, editing);
    this.#painted.cells = new Set(Object.keys(answer.cells));
  }

  #cell(id, entry, editing) {
    const cell = this.root.querySelector(`td[data-cell="${CSS.escape(id)}"]`);
    if (!cell || !entry || id === editing) return;
    cell.classList.remove("is-pending");
    cell.dataset.raw = entry.raw;
    const figure = cell.querySelector(".cell");
    const differs = figure.innerHTML !== entry.v;
    if (differs) figure.innerHTML = entry.v;
    this.#beside(cell, "cell-range", entry.range, (place) => (place.textContent = entry.range));
    this.#beside(cell, "cell-old", entry.old, (place) => {
      place.innerHTML = `<span class="visually-hidden">was </span><s class="was">${entry.old}</s>`;
    });
    cell.classList.toggle("is-changed", Boolean(entry.old));
    if (differs) cell.classList.remove("is-settled");
  }

  #beside(cell, name, wanted, fill) {
    let place = cell.querySelector(`.${name}`);
    if (!wanted) return place?.remove();
    if (!place) {
      place = document.createElement("span");
      place.className = name;
      cell.append(place);
    }
    fill(place);
  }

  #texts(answer) {
    this.#each("totals", answer.totals, (key, html) => {
      const place = this.root.querySelector(`[data-total="${CSS.escape(key)}"] .cell`);
      if (place) place.innerHTML = html ?? this.#totals.get(key) ?? "";
    });
    this.#each("drivers", answer.drivers, (key, html) => {
      const place = this.root.querySelector(`[data-worth="${CSS.escape(key)}"] .sheet-worth`);
      if (place) place.innerHTML = html ?? this.#worths.get(key) ?? "";
    });
    this.#each("rows", answer.rows, (key, row) => {
      const place = this.root.querySelector(`#row-${CSS.escape(key)} [data-words]`);
      const now = row ?? this.#words.get(key);
      if (!place || !now) return;
      place.textContent = now.words;
      place.title = now.formula;
    });
  }

  // What was painted before and is not in the answer goes back to what was saved.
  #each(name, entries, put) {
    for (const key of this.#painted[name]) if (!(key in entries)) put(key, null);
    for (const [key, value] of Object.entries(entries)) put(key, value);
    this.#painted[name] = new Set(Object.keys(entries));
  }

  #settle() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const cell of this.root.querySelectorAll(".is-changed")) cell.classList.add("is-settled");
    }, SHOWN);
  }
}

// Parts that only work with a script are hidden without one.
export function reveal(root) {
  for (const part of root.querySelectorAll("[data-script]")) part.hidden = false;
}
