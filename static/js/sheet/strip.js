// Under the formula bar: the range, the confidence and the source of the active cell, to be read and to be changed.
export class Strip {
  constructor(sheet, root) {
    this.sheet = sheet;
    this.root = root.querySelector("#cell-strip");
    for (const name of ["range", "low", "high", "confidence", "dot", "source", "open"]) {
      this[name] = name === "range" ? this.root.querySelector(".strip-range") : this.root.querySelector(`#strip-${name}`);
    }
    for (const part of ["low", "high"]) {
      this[part].addEventListener("change", () => this.#range(part));
      this[part].addEventListener("keydown", (event) => {
        if (event.key === "Escape") this.show();
      });
    }
    this.confidence.addEventListener("change", () => this.#confidence());
    this.open.addEventListener("click", (event) => {
      event.preventDefault();
      sheet.openSource();
    });
  }

  show() {
    const { cell } = this.sheet.selection;
    const key = cell?.closest("tr").dataset.row;
    const row = key ? this.sheet.painter.rows[key] : null;
    this.root.hidden = !row;
    if (!row) return;
    const at = this.sheet.selection.active.column;
    this.range.hidden = Boolean(row.formula);
    this.low.value = row.low[at] ?? "";
    this.high.value = row.high[at] ?? "";
    this.confidence.value = row.confidence;
    this.dot.className = `source-dot source-dot--${row.kind}`;
    this.source.textContent = row.source && row.kind !== "evidence" ? `${row.kind_label}: ${row.source}` : row.kind_label;
    this.open.hidden = !cell.querySelector("a.cell");
  }

  async #range(part) {
    const { cell } = this.sheet.selection;
    if (!cell) return;
    await this.sheet.commit([this.sheet.figure(cell, this[part].value.trim(), part)], `${this.sheet.nameOf(cell)}, ${part} end`, { title: "The range was not changed." });
    this.show();
  }

  async #confidence() {
    const { cell } = this.sheet.selection;
    if (!cell) return;
    const { row } = this.sheet.partsOf(cell);
    await this.sheet.commit([{ op: "row", row, set: { confidence: this.confidence.value || null } }], `${this.sheet.painter.rows[row].label}, confidence`);
  }
}
