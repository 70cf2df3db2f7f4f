// Typing into a cell: a field in its place, computed while typing, an error beside it.
export class CellEditor {
  constructor(sheet) {
    this.sheet = sheet;
    this.cell = null;
  }

  get open() {
    return this.cell !== null;
  }

  start(cell, text, { silent = false } = {}) {
    if (this.open) this.leave();
    this.cell = cell;
    this.untouched = text === undefined;
    this.field = document.createElement("input");
    this.field.className = "cell-input num";
    this.field.inputMode = "decimal";
    this.field.autocomplete = "off";
    this.field.value = text ?? cell.dataset.raw;
    this.field.setAttribute("aria-label", `${this.sheet.nameOf(cell)}, figure`);
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("blur", () => this.#blurred());
    cell.classList.add("is-edited");
    cell.append(this.field);
    this.field.focus();
    if (text === undefined) this.field.select();
    else if (silent) this.sheet.mirror(text);
    else this.#typed();
  }

  // Shows why the figure does not stand; what was typed stays.
  refuse(message) {
    this.told?.remove();
    this.told = document.createElement("span");
    this.told.className = "cell-error";
    this.told.id = "cell-error";
    this.told.setAttribute("role", "alert");
    this.told.textContent = message;
    this.told.popover = "manual"; // above everything: the grid scrolls, and would cut it off
    this.field.setAttribute("aria-invalid", "true");
    this.field.setAttribute("aria-describedby", "cell-error");
    this.cell.append(this.told);
    this.told.showPopover();
    const { left, bottom } = this.cell.getBoundingClientRect();
    const room = document.documentElement.clientWidth - this.told.offsetWidth - 8;
    this.told.style.left = `${Math.max(8, Math.min(left, room))}px`;
    this.told.style.top = `${bottom + 4}px`;
  }

  leave() {
    const { cell } = this;
    if (!cell) return;
    this.cell = null; // first, so that the blur of the field that goes does nothing
    this.field.remove();
    this.told?.remove();
    this.told = null;
    cell.classList.remove("is-edited");
  }

  #typed() {
    this.told?.remove();
    this.told = null;
    this.field.removeAttribute("aria-invalid");
    const text = this.field.value;
    if (text.startsWith("=")) {
      this.leave();
      this.sheet.bar.write(text);
      return;
    }
    this.sheet.mirror(text);
    this.sheet.preview([this.sheet.figure(this.cell, text)], (problems) => this.open && this.refuse(problems[0].message), this.cell);
  }

  // Goes on at once, as fast as somebody types; a figure that is refused comes back with its reason.
  async #keep(then) {
    const { cell, sheet } = this;
    const text = this.field.value.trim();
    if (text === cell.dataset.raw || (text === "" && this.untouched)) {
      this.cancel();
      return then?.();
    }
    const id = cell.dataset.cell;
    const edits = [sheet.figure(cell, text)];
    const label = `${sheet.nameOf(cell)}: ${text || "cleared"}`;
    this.leave();
    sheet.painter.pend(id, text);
    then?.();
    const refused = await sheet.commit(edits, label, { quiet: true });
    if (!refused) return;
    sheet.back();
    const again = sheet.selection.find(id);
    if (this.open || sheet.bar.editing || !again) return sheet.refuse(refused, `“${text}” was not taken over.`);
    sheet.selection.goTo(again);
    this.start(again, text, { silent: true });
    this.refuse(refused[0].message);
  }

  cancel() {
    this.leave();
    this.sheet.back();
  }

  #key(event) {
    event.stopPropagation();
    const { selection } = this.sheet;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const text = this.field.value.trim();
      this.cancel();
      this.sheet.fill(text);
    } else if (event.key === "Enter") this.#keep(() => selection.move(event.shiftKey ? -1 : 1, 0));
    else if (event.key === "Tab") this.#keep(() => selection.move(0, event.shiftKey ? -1 : 1));
    else if (event.key === "Escape") {
      this.cancel();
      selection.move(0, 0);
    } else return;
    event.preventDefault();
  }

  #blurred() {
    // Another window, or a click elsewhere: keep what was typed, as spreadsheets do, unless it is refused already.
    if (this.open && document.hasFocus() && !this.told) this.#keep();
  }
}
