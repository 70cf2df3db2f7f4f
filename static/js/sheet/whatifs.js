// What-ifs in the drawer: all of them beside the base, and the form of one. Everything becomes edits of the session.
import { DrawerForm, show } from "./form.js";
import { post } from "./server.js";

const drawer = document.getElementById("drawer");
const content = document.getElementById("drawer-content");

export class WhatIfs {
  constructor(sheet) {
    this.sheet = sheet;
  }

  #message(more = {}) {
    const { painter, session } = this.sheet;
    return { version: session.version, edits: session.edits, shape: painter.shape, ...more };
  }

  async list() {
    const { status, body } = await post(this.sheet.painter.data.urls.whatifs, this.#message());
    if (status !== 200) return this.sheet.refuse(body.problems);
    show(body);
    content.querySelector("[data-act=what-if]")?.addEventListener("click", () => this.keep());
    for (const button of content.querySelectorAll("[data-what-if]")) button.addEventListener("click", () => this.form(button.dataset.whatIf));
    for (const button of content.querySelectorAll("[data-what-if-delete]")) {
      button.addEventListener("click", () => this.#remove(button.dataset.whatIfDelete, button.dataset.label));
    }
  }

  form(key) {
    const form = new DrawerForm(this.sheet, this.sheet.painter.data.urls.whatifform, { scenario: key }, async (edits, values) => {
      const refused = await this.sheet.commit(edits, `What-if “${values.label.trim()}”`, { quiet: true });
      if (!refused) this.sheet.say("Save with a reason to keep the what-if. Undo takes it back.");
      return refused;
    });
    form.ready = (markup) => this.#ready(markup, key);
    return form.open();
  }

  #ready(form, key) {
    form.querySelector("[data-add-change]").addEventListener("click", () => this.#add(form));
    if (!key && form.elements.count.value === "0") this.#add(form, { quiet: true });
    form.addEventListener("change", (event) => event.target.matches("[data-row-of]") && this.#own(form, event.target));
    form.addEventListener("click", (event) => event.target.closest("[data-remove]") && this.#drop(form, event.target));
    for (const select of form.querySelectorAll("[data-changes] [data-row-of]")) this.#own(form, select);
    form.querySelector("[data-delete]")?.addEventListener("click", () => this.#remove(key, form.elements.label.value));
  }

  // Another change: the blank one with a number of its own.
  #add(form, { quiet = false } = {}) {
    const place = form.elements.count.value;
    form.elements.count.value = Number(place) + 1;
    const markup = form.querySelector("[data-change-blank]").innerHTML;
    const holder = form.querySelector("[data-changes]");
    holder.insertAdjacentHTML("beforeend", markup.replaceAll(/(row|way|factor|formula|why|values)_n\b/g, `$1_${place}`).replaceAll(/values_n_/g, `values_${place}_`).replaceAll('data-row-of="n"', `data-row-of="${place}"`));
    form.dispatchEvent(new Event("change"));
    if (!quiet) holder.lastElementChild.querySelector("select").focus();
  }

  // A change without a row is none.
  #drop(form, target) {
    const change = target.closest("[data-change]");
    change.querySelector("[data-row-of]").value = "";
    change.hidden = true;
    form.dispatchEvent(new Event("change"));
    form.querySelector("[data-add-change]").focus();
  }

  // The row's own figures stand faintly where others may be written.
  #own(form, select) {
    const fields = select.closest("[data-change]").querySelectorAll("[data-period]");
    for (const field of fields) {
      const cell = this.sheet.grid.querySelector(`td[data-cell="${CSS.escape(`${select.value}.${field.dataset.period}`)}"]`);
      field.placeholder = cell?.dataset.raw ?? "";
    }
  }

  async #remove(key, label) {
    const refused = await this.sheet.commit([{ op: "delete_scenario", scenario: key }], `What-if “${label}” deleted`, { title: "The what-if was not deleted." });
    drawer.close();
    if (!refused) this.sheet.say(`“${label}” is deleted once you save. Undo brings it back.`);
  }

  // What was tried is kept under a name, beside the base, which stays as it was saved.
  keep() {
    const { sheet } = this;
    show(`<div class="drawer-head"><h2 id="drawer-title">Keep as a what-if</h2><button class="button button--quiet button--small" type="button" data-close>Close</button></div>
      <div class="drawer-body"><form class="form" novalidate><ul class="rows small" data-steps></ul>
      <div class="field"><label class="field-label" for="f-label">What it is called</label><input class="input" id="f-label" name="label" autocomplete="off" maxlength="200"></div>
      <div class="field"><label class="field-label" for="f-why">Why, for instance what would have to happen</label><input class="input" id="f-why" name="why" autocomplete="off" maxlength="2000"></div>
      <p class="field-error" role="alert" data-told></p>
      <div class="button-row"><button class="button button--primary" type="submit">Take over</button><button class="button button--quiet" type="button" data-close>Cancel</button></div></form></div>`);
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
}
