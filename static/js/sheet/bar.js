// The formula bar: shows what is behind the active cell; a formula is written here, with completions and its mistakes marked.
import { callAt, completions, wordAt } from "./complete.js";

const el = (name, css, words) => Object.assign(document.createElement(name), { className: css, textContent: words ?? "" });

export class FormulaBar {
  constructor(sheet, root) {
    this.sheet = sheet;
    this.place = root.querySelector("#formula-place");
    this.field = root.querySelector("#formula-input");
    this.list = root.querySelector("#formula-list");
    this.told = root.querySelector("#formula-told");
    this.editing = false;
    this.choices = [];
    this.field.addEventListener("focus", () => this.#begin());
    this.field.addEventListener("input", () => this.#typed());
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("blur", () => setTimeout(() => this.#close(), 150));
    this.field.addEventListener("click", () => this.editing && this.#help());
    this.list.addEventListener("pointerdown", (event) => {
      const item = event.target.closest("[role=option]");
      if (!item) return;
      event.preventDefault();
      this.#take(Number(item.dataset.index));
    });
  }

  // What is behind the active cell; left alone while somebody writes.
  show() {
    if (this.editing || this.sheet.editor?.open) return;
    const { cell } = this.sheet.selection;
    this.field.disabled = !cell;
    this.place.textContent = cell ? this.sheet.nameOf(cell) : "–";
    this.field.value = cell ? this.sheet.textOf(cell) : "";
    this.told.replaceChildren();
  }

  // Which cell is written to, and what stood there: a preview shows it changed before it is.
  #begin() {
    if (this.editing) return;
    this.target = this.sheet.selection.cell;
    this.before = this.target ? this.sheet.textOf(this.target) : "";
  }

  // Begin to write: what is there, or what was typed in the cell.
  write(text) {
    this.#begin();
    this.field.focus();
    if (text !== undefined) {
      this.field.value = text;
      this.#typed();
    } else this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  #edits() {
    const text = this.field.value.trim();
    const key = this.target.closest("tr").dataset.row;
    if (text.startsWith("=")) return [{ op: "row", row: key, set: { formula: text.slice(1).trim() } }];
    if (this.before.startsWith("=")) return null;
    return [this.sheet.figure(this.target, text)];
  }

  #typed() {
    this.editing = true;
    this.#complete();
    this.#help();
    const edits = this.#edits();
    if (edits && this.field.value.trim() !== "=") this.sheet.preview(edits, (problems) => this.editing && this.refuse(problems), null);
  }

  // A mistake: the formula with the place marked, and what to write instead.
  refuse(problems) {
    const [problem] = problems;
    const own = problem.row === "" || problem.row === this.target?.closest("tr")?.dataset.row;
    const line = el("p", "formula-problem");
    if (problem.position && own) line.append(this.#marked(problem.position), " ");
    const label = this.sheet.painter.rows[problem.row]?.label;
    line.append(!own && label ? `${label}: ${problem.message}` : problem.message);
    this.told.replaceChildren(line);
    this.field.setAttribute("aria-invalid", "true");
  }

  #marked(position) {
    const text = this.field.value.replace(/^\s*=\s*/, "");
    const rest = text.slice(position - 1);
    const word = /^[A-Za-z0-9_.]+|^[<>=]+|^./.exec(rest)?.[0] ?? "";
    const code = el("code", "formula-code", text.slice(0, position - 1));
    code.append(el("mark", "formula-mark", word || "‸"), rest.slice(word.length));
    return code;
  }

  #help() {
    this.field.removeAttribute("aria-invalid");
    const text = this.field.value;
    const call = text.startsWith("=") ? callAt(text, this.field.selectionStart, this.sheet.painter.data.functions) : null;
    if (!call) return this.told.replaceChildren();
    const line = el("p", "formula-hint");
    line.append(el("code", "", call.signature), ` ${call.summary} `, el("span", "muted", call.example));
    this.told.replaceChildren(line);
  }

  #complete() {
    this.moved = false;
    const text = this.field.value;
    const { word } = wordAt(text, this.field.selectionStart);
    this.choices = text.startsWith("=") ? completions(word, this.sheet.painter.rows, this.sheet.painter.data.functions) : [];
    if (this.choices.length === 1 && this.choices[0].insert === word) this.choices = [];
    this.list.replaceChildren(
      ...this.choices.map((choice, index) => {
        const item = el("li", `formula-choice formula-choice--${choice.kind}`);
        Object.assign(item, { id: `formula-choice-${index}` }).setAttribute("role", "option");
        item.dataset.index = index;
        item.append(el("code", "", choice.name), el("span", "muted", choice.hint));
        return item;
      }),
    );
    this.#point(this.choices.length ? 0 : -1);
  }

  #point(index) {
    this.pointed = index;
    const open = index >= 0;
    this.list.hidden = !open;
    this.field.setAttribute("aria-expanded", String(open));
    if (open) this.field.setAttribute("aria-activedescendant", `formula-choice-${index}`);
    else this.field.removeAttribute("aria-activedescendant");
    [...this.list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === index)));
    this.list.children[index]?.scrollIntoView({ block: "nearest" });
  }

  get takesNames() {
    return this.editing && !this.keeping && this.field.value.startsWith("=") && document.activeElement === this.field;
  }

  insert(name) {
    this.field.setRangeText(name, this.field.selectionStart, this.field.selectionEnd, "end");
    this.#typed();
    this.#point(-1);
  }

  #close() {
    if (document.activeElement !== this.field) this.#point(-1);
  }

  #take(index) {
    const choice = this.choices[index];
    const { start } = wordAt(this.field.value, this.field.selectionStart);
    this.field.setRangeText(choice.insert, start, this.field.selectionStart, "end");
    this.#point(-1);
    this.choices = [];
    this.#help();
    const edits = this.#edits();
    if (edits) this.sheet.preview(edits, (problems) => this.editing && this.refuse(problems), null);
  }

  // Whoever goes on to another cell before the answer comes is not followed there, and is told above the grid if it was refused.
  async #keep(down, right) {
    const { target } = this;
    if (this.keeping) return;
    if (!this.editing || this.field.value === this.before) return this.#done(target, down, right);
    const edits = this.#edits();
    if (!edits) return this.refuse([{ row: "", message: "This row is computed. Write a formula behind =, or turn it into figures in the row's form." }]);
    const text = this.field.value;
    this.keeping = this.field.readOnly = true;
    const refused = await this.sheet.commit(edits, `${this.sheet.nameOf(target)}: ${text}`, { quiet: true });
    this.keeping = this.field.readOnly = false;
    if (refused && document.activeElement === this.field) return this.refuse(refused);
    if (refused) this.sheet.refuse(refused, `“${text}” was not taken over.`);
    this.#done(target, down, right);
  }

  #done(target, down, right) {
    this.editing = false;
    this.field.removeAttribute("aria-invalid");
    this.#point(-1);
    this.show();
    if (document.activeElement !== this.field) return; // somebody went on meanwhile
    const cell = this.sheet.selection.find(target.dataset.cell);
    if (cell) this.sheet.selection.goTo(cell);
    this.sheet.selection.move(down, right);
  }

  cancel() {
    const target = this.sheet.selection.find(this.target?.dataset.cell);
    this.editing = false;
    this.field.removeAttribute("aria-invalid");
    this.#point(-1);
    this.sheet.back();
    if (target) this.sheet.selection.goTo(target);
  }

  #key(event) {
    const open = this.pointed >= 0 && this.choices.length > 0;
    if (open && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      const step = event.key === "ArrowDown" ? 1 : this.choices.length - 1;
      this.#point((this.pointed + step) % this.choices.length);
      this.moved = true; // Enter takes what was chosen by arrows; else it keeps the formula
    } else if (open && (event.key === "Tab" || (event.key === "Enter" && this.moved))) this.#take(this.pointed);
    else if (open && event.key === "Escape") this.#point(-1);
    else if (event.key === "Enter") this.#keep(event.shiftKey ? -1 : 1, 0);
    else if (event.key === "Tab" && this.editing) this.#keep(0, event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") this.cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
