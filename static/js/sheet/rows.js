// Rows and drivers: their forms in the drawer, moving and deleting them. Everything becomes edits of the session.
import { post } from "./server.js";

const drawer = document.getElementById("drawer");
const content = document.getElementById("drawer-content");

const field = (name, label, value, type = "text") =>
  `<div class="field"><label class="field-label" for="f-${name}">${label}</label><input class="input" id="f-${name}" name="${name}" type="${type}" autocomplete="off"></div>`;

export class RowActions {
  constructor(sheet) {
    this.sheet = sheet;
  }

  #message(more) {
    const { painter, session } = this.sheet;
    return { version: session.version, edits: session.edits, shape: painter.shape, ...more };
  }

  // The form of a row; of a new one for no key.
  async open(key, driver = "") {
    this.driver = driver;
    const { status, body } = await post(this.sheet.painter.data.urls.row, this.#message({ row: key ?? "", driver }));
    if (status !== 200 || typeof body !== "string") return this.sheet.refuse(body.problems ?? [{ message: "The row is not there any more." }]);
    this.#show(body);
  }

  #show(markup) {
    content.innerHTML = markup;
    const form = content.querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#take(form);
    });
    form.elements.kind?.addEventListener("change", () => this.#kind(form));
    form.querySelector("[data-act=delete-row]")?.addEventListener("click", async () => {
      if (!(await this.remove(form.dataset.row))) drawer.close();
    });
    this.#kind(form);
    if (!drawer.open) drawer.showModal();
    form.querySelector("[aria-invalid=true], .field--wrong input, input")?.focus();
  }

  #kind(form) {
    for (const part of form.querySelectorAll("[data-when]")) part.hidden = part.dataset.when !== form.elements.kind.value;
  }

  async #take(form) {
    const values = Object.fromEntries(new FormData(form));
    const key = form.dataset.row;
    const { status, body } = await post(this.sheet.painter.data.urls.row, this.#message({ row: key, driver: this.driver, form: values }));
    if (typeof body === "string") return this.#show(body);
    if (status !== 200) return this.sheet.refuse(body.problems);
    drawer.close();
    await this.sheet.commit(body.edits, key ? `${values.label} edited` : `${values.label} added`);
    const made = body.edits.find((edit) => edit.op === "add_row")?.row.key ?? body.edits.find((edit) => edit.op === "rename_row")?.key;
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
    const driver = this.sheet.painter.data.drivers.find((one) => one.key === key);
    this.#form(driver ? driver.label : "New driver", [
      field("label", "What moves value"),
      `<div class="field"><label class="field-label" for="f-impact">It moves</label><select class="input" id="f-impact" name="impact"><option value="revenue">revenue</option><option value="cost">cost</option><option value="risk">risk</option></select></div>`,
      `<label class="check"><input type="checkbox" name="counted"> counted in the totals</label>`,
      field("note", "Note, for instance why it is not counted"),
    ], driver ? "Delete the driver" : "");
    const form = content.querySelector("form");
    form.elements.label.value = driver?.label ?? "";
    form.elements.impact.value = driver?.impact ?? "revenue";
    form.elements.counted.checked = driver?.counted ?? true;
    form.elements.note.value = driver?.note ?? "";
    this.#onSubmit(form, () => {
      const set = { label: form.elements.label.value.trim(), impact: form.elements.impact.value, counted: form.elements.counted.checked, note: form.elements.note.value.trim() };
      if (driver) return [{ op: "driver", driver: key, set }];
      return [{ op: "add_driver", driver: { key: freeKey(set.label, this.sheet.painter.data.drivers), ...set } }];
    });
    form.querySelector("[data-delete]")?.addEventListener("click", () => this.#commit(form, [{ op: "delete_driver", driver: key }]));
  }

  // How many columns, and at which rate they are discounted.
  settings() {
    const { data } = this.sheet.painter;
    this.#form("Columns and discount rate", [field("count", "Columns", "", "number"), field("rate", "Discount rate of a year")]);
    const form = content.querySelector("form");
    form.elements.count.value = data.periods.length;
    form.elements.count.min = 1;
    form.elements.count.max = 120;
    form.elements.rate.value = data.rate;
    this.#onSubmit(form, () => {
      const edits = [];
      const count = Number(form.elements.count.value);
      if (count !== data.periods.length) edits.push({ op: "periods", count });
      if (form.elements.rate.value.trim() !== data.rate) edits.push({ op: "conventions", set: { discount_rate: form.elements.rate.value.trim() } });
      return edits;
    });
  }

  // What was tried is kept under a name, beside the base, which stays as it was saved.
  whatIf() {
    const { sheet } = this;
    this.#form("Keep as a what-if", [
      `<ul class="rows small" data-steps></ul>`,
      field("label", "What it is called"),
      field("why", "Why, for instance what would have to happen"),
    ]);
    const form = content.querySelector("form");
    for (const label of sheet.session.labels) form.querySelector("[data-steps]").append(Object.assign(document.createElement("li"), { textContent: label }));
    form.elements.label.focus();
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const more = { label: form.elements.label.value, why: form.elements.why.value };
      const { body } = await post(sheet.painter.data.urls.whatif, this.#message(more));
      if (!body.ok) {
        form.querySelector("[data-told]").textContent = body.problems?.[0].message ?? "The what-if was not made.";
        return;
      }
      sheet.session.forget();
      drawer.close();
      await sheet.commit(body.edits, `What-if “${more.label.trim()}”`);
      sheet.say("The base is as it was saved. Save the what-if with a reason to keep it.");
    });
  }

  #form(title, fields, remove = "") {
    content.innerHTML = `<div class="drawer-head"><h2 id="drawer-title"></h2><button class="button button--quiet button--small" type="button" data-close>Close</button></div>
      <div class="drawer-body"><form class="form" novalidate>${fields.join("")}<p class="field-error" role="alert" data-told></p>
      <div class="button-row"><button class="button button--primary" type="submit">Take over</button><button class="button button--quiet" type="button" data-close>Cancel</button>${remove ? `<button class="button button--danger" type="button" data-delete>${remove}</button>` : ""}</div></form></div>`;
    content.querySelector("h2").textContent = title;
    if (!drawer.open) drawer.showModal();
    content.querySelector("input")?.focus();
  }

  #onSubmit(form, edits) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#commit(form, edits());
    });
  }

  async #commit(form, edits) {
    const refused = edits.length ? await this.sheet.commit(edits, "Changed", { quiet: true }) : null;
    if (refused) form.querySelector("[data-told]").textContent = refused[0].message;
    else drawer.close();
  }
}

function freeKey(label, drivers) {
  const words = label.normalize("NFKD").replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "").toLowerCase().slice(0, 40);
  const stem = /^[a-z]/.test(words) ? words : `driver_${words}`.replace(/_+$/, "");
  const taken = new Set(drivers.map((one) => one.key));
  let [key, number] = [stem, 2];
  while (taken.has(key)) key = `${stem}_${number++}`;
  return key;
}
