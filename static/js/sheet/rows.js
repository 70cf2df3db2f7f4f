// Rows, drivers and columns: their forms in the drawer, moving and deleting them. Everything becomes edits of the session.
import { DrawerForm } from "./form.js";

const drawer = document.getElementById("drawer");

export class RowActions {
  constructor(sheet) {
    this.sheet = sheet;
  }

  #form(name, message, taken) {
    return new DrawerForm(this.sheet, this.sheet.painter.data.urls[name], message, taken);
  }

  // The form of a row; of a new one for no key.
  open(key, driver = "") {
    const form = this.#form("row", { row: key ?? "", driver }, async (edits, values) => {
      const refused = await this.sheet.commit(edits, key ? `${values.label} edited` : `${values.label} added`, { quiet: true });
      if (!refused) this.#goTo(edits, key);
      return refused;
    });
    form.ready = (markup) =>
      markup.querySelector("[data-act=delete-row]")?.addEventListener("click", async () => {
        if (!(await this.remove(key))) drawer.close();
      });
    return form.open();
  }

  #goTo(edits, key) {
    const made = edits.find((edit) => edit.op === "add_row")?.row.key ?? edits.find((edit) => edit.op === "rename_row")?.key;
    const cell = this.sheet.selection.lines.flat().find((one) => one.closest("tr").dataset.row === (made ?? key));
    if (cell) this.sheet.selection.goTo(cell);
  }

  // Answers the problems, if it was refused.
  async remove(key) {
    const label = this.sheet.painter.rows[key]?.label ?? key;
    return this.sheet.commit([{ op: "delete_row", row: key }], `${label} deleted`, { title: `${label} was not deleted.` });
  }

  async move(step) {
    const cell = this.sheet.selection.cell;
    const line = cell?.closest("tr");
    if (!line) return;
    const key = line.dataset.row;
    const beside = this.#beside(line, step);
    if (!beside) return;
    await this.sheet.commit([{ op: "move_row", row: key, ...beside }], `${this.sheet.painter.rows[key].label} moved`);
  }

  // Where a row goes by one step: within its driver, and on into the next one.
  #beside(line, step) {
    const body = line.closest("tbody");
    const rows = [...body.querySelectorAll("tr[data-row]")];
    const at = rows.indexOf(line) + step;
    if (at >= 0 && at < rows.length) {
      const before = step < 0 ? rows[at] : rows[at + 1];
      return { driver: body.dataset.driver || null, before: before?.dataset.row ?? null };
    }
    const bodies = [...this.sheet.grid.querySelectorAll("tbody")];
    const next = bodies[bodies.indexOf(body) + step];
    if (!next) return null;
    const first = step > 0 ? next.querySelector("tr[data-row]") : null;
    return { driver: next.dataset.driver || null, before: first?.dataset.row ?? null };
  }

  // A driver's form; of a new one for no key.
  driverForm(key) {
    const form = this.#form("driver", { driver: key }, (edits, values) =>
      this.sheet.commit(edits, key ? `${values.label} edited` : `${values.label} added`, { quiet: true }),
    );
    form.ready = (markup) =>
      markup.querySelector("[data-delete]")?.addEventListener("click", async () => {
        await this.sheet.commit([{ op: "delete_driver", driver: key }], "Driver deleted", { title: "The driver was not deleted." });
        drawer.close();
      });
    return form.open();
  }

  // How many columns, which months they are, how long the contract runs, and at which rate they are discounted.
  settings() {
    return this.#form("settings", {}, (edits) => this.sheet.commit(edits, "Columns and rate", { quiet: true })).open();
  }
}
