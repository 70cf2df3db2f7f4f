// Which cell is active and which are selected. One cell of the grid is in the tab order: the active one.
export class Selection {
  constructor(grid, changed) {
    this.grid = grid;
    this.changed = changed;
    this.active = null; // {row, column} within lines
    this.anchor = null;
    this.read();
  }

  // The rows of the sheet as arrays of cells; computed anew after the markup changed.
  read() {
    this.lines = [...this.grid.querySelectorAll("tr[data-row]")].map((line) => [...line.querySelectorAll("td[data-cell]")]);
    for (const cell of this.lines.flat()) cell.tabIndex = -1;
    for (const link of this.grid.querySelectorAll(".sheet-name a, .sheet-name button")) link.tabIndex = -1;
    const first = this.lines[0]?.[0];
    if (first) first.tabIndex = 0;
  }

  get cell() {
    return this.active ? (this.lines[this.active.row]?.[this.active.column] ?? null) : null;
  }

  placeOf(cell) {
    const row = this.lines.findIndex((line) => line.includes(cell));
    return row < 0 ? null : { row, column: this.lines[row].indexOf(cell) };
  }

  find(id) {
    return this.lines.flat().find((cell) => cell.dataset.cell === id) ?? null;
  }

  // The corners of what is selected: top, left, bottom, right, all included.
  get box() {
    const [a, b] = [this.active, this.anchor ?? this.active];
    return {
      top: Math.min(a.row, b.row),
      bottom: Math.max(a.row, b.row),
      left: Math.min(a.column, b.column),
      right: Math.max(a.column, b.column),
    };
  }

  get rows() {
    if (!this.active) return [];
    const { top, bottom, left, right } = this.box;
    return this.lines.slice(top, bottom + 1).map((line) => line.slice(left, right + 1));
  }

  go(place, { extend = false, focus = true } = {}) {
    if (!place || !this.lines.length) return;
    const row = Math.max(0, Math.min(place.row, this.lines.length - 1));
    const column = Math.max(0, Math.min(place.column, this.lines[row].length - 1));
    const before = this.cell ?? this.lines[0][0];
    if (before) before.tabIndex = -1;
    if (!extend) this.anchor = null;
    else this.anchor ??= this.active;
    this.active = { row, column };
    this.cell.tabIndex = 0;
    this.show();
    if (focus) this.cell.focus({ preventScroll: false });
    this.changed();
  }

  goTo(cell, how) {
    this.go(this.placeOf(cell), how);
  }

  move(down, right, how) {
    const from = this.active ?? { row: 0, column: 0 };
    this.go({ row: from.row + down, column: from.column + right }, how);
  }

  show() {
    for (const cell of this.grid.querySelectorAll("td[aria-selected]")) cell.removeAttribute("aria-selected");
    for (const cell of this.grid.querySelectorAll(".is-active")) cell.classList.remove("is-active");
    for (const cell of this.rows.flat()) cell.setAttribute("aria-selected", "true");
    this.cell?.classList.add("is-active");
  }

  // The markup came anew: find the same cell again.
  again(id, focus) {
    this.active = this.anchor = null;
    this.read();
    const cell = id ? this.find(id) : null;
    if (cell) this.goTo(cell, { focus });
    else this.changed();
  }
}
