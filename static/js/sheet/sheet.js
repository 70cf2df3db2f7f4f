// One sheet on the page: its session of unsaved edits, and the parts that read and show it.
import { toast } from "../toast.js";
import { FormulaBar } from "./bar.js";
import { CellEditor } from "./cell.js";
import { Gate } from "./gate.js";
import { Painter, reveal } from "./paint.js";
import { RowActions } from "./rows.js";
import { Saving } from "./saving.js";
import { Selection } from "./selection.js";
import { Preview, post } from "./server.js";
import { Session } from "./session.js";
import { Strip } from "./strip.js";
import { WhatIfs } from "./whatifs.js";

const CHARTS_WAIT = 700; // milliseconds after an edit until the charts follow
const NO_MARKUP = "*"; // a shape that asks for figures only

export class Sheet {
  constructor(root, data) {
    this.root = root;
    this.grid = root.querySelector("#sheet-grid");
    reveal(root);
    this.painter = new Painter(root, data);
    this.session = new Session(`vos-draft:${data.person}:${data.model}`, data.version, data.number);
    this.typing = new Preview();
    this.chain = Promise.resolve();
    this.committed = null; // the last answer about the session as it stands
    this.problem = root.querySelector("#sheet-problem");
    this.status = root.querySelector("#sheet-busy");
    this.selection = new Selection(this.grid, () => this.#selected());
    this.bar = new FormulaBar(this, root);
    this.strip = new Strip(this, root);
    this.editor = new CellEditor(this);
    this.rowActions = new RowActions(this);
    this.whatIfs = new WhatIfs(this);
    this.gate = new Gate(this, root);
    this.saving = new Saving(this, root);
  }

  // Where a cell is, as the server knows it.
  partsOf(cell) {
    const row = cell.closest("tr").dataset.row;
    return { row, period: cell.dataset.cell.slice(row.length + 1) };
  }

  nameOf(cell) {
    const { row } = this.partsOf(cell);
    return `${this.painter.rows[row]?.label ?? row}, ${cell.dataset.period}`;
  }

  textOf(cell) {
    const row = this.painter.rows[this.partsOf(cell).row];
    return row?.formula ? `=${row.formula}` : cell.dataset.raw;
  }

  figure(cell, text, part = "values") {
    return { op: "cells", cells: [{ ...this.partsOf(cell), part, text }] };
  }

  // Enter, F2 or a typed sign: figures in their cell, formulas in the bar.
  edit(typed) {
    const { cell } = this.selection;
    if (!cell) return;
    const { row } = this.partsOf(cell);
    if (typed === "=" || (this.painter.rows[row]?.formula && typed === undefined)) return this.bar.write(typed);
    if (this.painter.rows[row]?.formula) return this.say("This row is computed. Press Enter to change its formula.");
    this.editor.start(cell, typed);
  }

  mirror(text) {
    this.bar.field.value = text;
  }

  #message(edits, shape = this.painter.shape) {
    return { version: this.session.version, edits, shape };
  }

  // What is being typed, shown as if it stood; nothing is kept of it.
  preview(edits, refused, cell) {
    const all = [...this.session.edits, ...edits];
    this.busy("Computing…");
    this.typing.ask(
      (signal) => post(this.painter.data.urls.draft, this.#message(all, NO_MARKUP), signal),
      ({ body }) => {
        this.busy("");
        if (body.ok) {
          this.painter.paint(body, cell?.dataset.cell);
          this.gate.ask(all);
        } else refused(body.problems ?? [{ message: "This cannot be computed." }]);
      },
    );
  }

  // Show the session again, without what was being typed.
  back() {
    this.typing.drop();
    this.busy("");
    if (this.committed) this.#paint(this.committed);
    else this.refresh();
    this.gate.ask(this.session.edits);
    this.bar.show();
  }

  // Keep edits in the session; one after the other. Answers null, or the problems if they were refused: then nothing is kept.
  commit(edits, label, { quiet = false, title = "Not changed." } = {}) {
    this.typing.drop();
    this.#problem([]);
    const work = this.chain.then(async () => {
      if (this.session.full) return this.#refused([{ message: "Five hundred unsaved changes are many. Save them as a version first." }], title, quiet);
      this.busy("Computing…");
      const { body } = await post(this.painter.data.urls.draft, this.#message([...this.session.edits, ...edits]));
      this.busy("");
      if (!body.ok) return this.#refused(body.problems ?? [{ message: "This cannot be computed." }], title, quiet);
      this.session.push(edits, label);
      this.#take(body);
      return null;
    });
    this.chain = work.catch(() => null);
    return work;
  }

  // Ask again what the session comes to. Answers the refusal, if it does not fit the version any more.
  async refresh() {
    const { body } = await post(this.painter.data.urls.draft, this.#message(this.session.edits));
    if (!body.ok) return { edit: body.edit ?? -1, problems: body.problems };
    this.#take(body);
    return null;
  }

  #take(answer) {
    this.committed = answer;
    this.#paint(answer);
    this.saving.show();
    this.#steps();
    this.gate.ask(this.session.edits);
    clearTimeout(this.chartsTimer);
    this.chartsTimer = setTimeout(() => this.#charts(), CHARTS_WAIT);
  }

  // Whoever types on while an answer comes keeps the field, and what stands in it.
  #paint(answer) {
    const id = this.selection.cell?.dataset.cell;
    const inside = this.grid.contains(document.activeElement) || document.activeElement === document.body;
    const typed = this.editor.open ? { id: this.editor.cell.dataset.cell, text: this.editor.field.value } : null;
    if (typed && answer.sheet) this.editor.leave();
    if (this.painter.paint(answer, typed?.id)) {
      this.selection.again(id, inside);
      // The grid that was drawn is the session's now; asking again must not draw it anew.
      this.committed = { ...answer, sheet: undefined };
      const cell = typed ? this.selection.find(typed.id) : null;
      if (cell) this.editor.start(cell, typed.text, { silent: true });
    }
    this.bar.show();
    this.strip.show();
  }

  async #charts() {
    const place = document.getElementById("sheet-charts");
    if (!place) return;
    const { status, body } = await post(this.painter.data.urls.around, this.#message(this.session.edits));
    if (status === 200 && typeof body === "string") place.innerHTML = body;
  }

  async undo() {
    if (this.session.at === 0) return;
    this.session.at -= 1;
    await this.#stepped(`Taken back: ${this.session.steps[this.session.at].label}`);
  }

  async redo() {
    if (!this.session.canRedo) return;
    this.session.at += 1;
    await this.#stepped(`Done again: ${this.session.steps[this.session.at - 1].label}`);
  }

  async #stepped(told) {
    this.session.keep();
    this.#problem([]);
    const refused = await this.refresh();
    if (refused) this.refuse(refused.problems);
    else this.say(told);
  }

  clear() {
    const cells = this.selection.rows.flat();
    this.#put(cells, "", `${cells.length} cells cleared`);
  }

  fill(text) {
    const cells = this.selection.rows.flat();
    this.#put(cells, text, `${cells.length} cells filled`);
  }

  #put(cells, text, label) {
    if (!cells.length) return;
    const made = cells.map((cell) => ({ ...this.partsOf(cell), part: "values", text }));
    this.commit([{ op: "cells", cells: made }], label);
  }

  async discard() {
    if (!this.session.count) return;
    this.session.at = 0;
    await this.#stepped("Your changes are taken back; Redo brings them again.");
  }

  openSource() {
    const link = this.selection.cell?.querySelector("a.cell");
    if (link) this.follow(link);
  }

  follow(link) {
    const drawer = document.getElementById("drawer");
    window.htmx.ajax("GET", link.getAttribute("href"), { target: "#drawer-content", swap: "innerHTML" });
    if (!drawer.open) drawer.showModal();
  }

  busy(words) {
    this.status.textContent = words;
  }

  say(words) {
    toast({ text: words });
  }

  #refused(problems, title, quiet) {
    if (!quiet) this.refuse(problems, title);
    return problems;
  }

  // Why something was not done: in words above the grid, and marked at each cell it is about.
  refuse(problems, title = "Not changed.") {
    this.#problem(problems, title);
  }

  #problem(problems, title) {
    for (const cell of this.grid.querySelectorAll(".is-wrong")) {
      cell.classList.remove("is-wrong");
      cell.removeAttribute("aria-invalid");
      cell.removeAttribute("title");
    }
    this.problem.replaceChildren();
    if (!problems.length) return;
    const list = document.createElement("ul");
    for (const one of problems) {
      const cell = one.period ? this.selection.find(`${one.row}.${one.period}`) : null;
      const item = document.createElement("li");
      const where = cell ? this.nameOf(cell) : (this.painter.rows[one.row]?.label ?? "");
      item.textContent = where && !one.message.startsWith(where) ? `${where}: ${one.message}` : one.message;
      list.append(item);
      if (!cell) continue;
      cell.classList.add("is-wrong");
      cell.setAttribute("aria-invalid", "true");
      cell.title = one.message;
    }
    const box = Object.assign(document.createElement("div"), { className: "notice notice--refuse" });
    const told = document.createElement("div");
    told.append(Object.assign(document.createElement("p"), { className: "notice-title", textContent: title }), list);
    box.append(told);
    this.problem.append(box);
  }

  #selected() {
    this.bar?.show();
    this.strip?.show();
  }

  #steps() {
    for (const [name, may] of [["undo", this.session.at > 0], ["redo", this.session.canRedo]]) {
      const button = this.root.querySelector(`[data-act=${name}]`);
      if (!button) continue;
      button.disabled = !may;
      const step = this.session.steps[name === "undo" ? this.session.at - 1 : this.session.at];
      button.title = may ? `${name === "undo" ? "Take back" : "Do again"}: ${step.label} (Ctrl+${name === "undo" ? "Z" : "Y"})` : "";
    }
  }
}
