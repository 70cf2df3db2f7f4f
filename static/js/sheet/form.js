// A form of the sheet in the drawer: fields that belong to a choice, a picture of what is described, and the edits that it comes to.
import { Preview, post } from "./server.js";

const drawer = document.getElementById("drawer");
const content = document.getElementById("drawer-content");

export function show(markup) {
  content.innerHTML = markup;
  window.htmx.process(content);
  if (!drawer.open) drawer.showModal();
  return content;
}

export class DrawerForm {
  // ``url`` answers the fields for ``message``; ``taken`` gets the edits, and answers the problems where they were refused.
  constructor(sheet, url, message, taken) {
    Object.assign(this, { sheet, url, message, taken });
    this.looking = new Preview();
  }

  #message(more = {}) {
    const { painter, session } = this.sheet;
    return { version: session.version, edits: session.edits, shape: painter.shape, ...this.message, ...more };
  }

  async open() {
    const { status, body } = await post(this.url, this.#message());
    if (status !== 200 || typeof body !== "string") return this.sheet.refuse(body.problems ?? [{ message: "It is not there any more." }]);
    this.#show(body);
  }

  #show(markup) {
    show(markup);
    this.form = content.querySelector("form");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#take();
    });
    this.form.addEventListener("input", () => this.#changed());
    this.form.addEventListener("change", () => this.#changed());
    this.#whens();
    this.ready?.(this.form);
    this.form.querySelector("[aria-invalid=true], .field--wrong :is(input, select, textarea), input:not([type=hidden])")?.focus();
  }

  // Fields stand only where another one has a value that asks for them.
  #whens() {
    for (const part of this.form.querySelectorAll("[data-when]")) {
      const asked = this.form.elements[part.dataset.whenOf ?? "kind"];
      part.hidden = Boolean(asked) && !part.dataset.when.split(" ").includes(asked.value);
    }
    // Of the free places for pairs the next one is shown when the one before it is taken.
    let free = 0;
    for (const pair of this.form.querySelectorAll(".pair")) {
      if (!pair.querySelector("select").value) free += 1;
      pair.hidden = free > 1;
    }
  }

  #changed() {
    this.#whens();
    const places = this.form.querySelectorAll("[data-look]");
    if (!places.length) return;
    this.looking.ask(
      (signal) => post(this.url, this.#message({ form: this.values, look: true }), signal),
      ({ body }) => {
        for (const place of places) {
          place.classList.toggle("is-old", !body.ok);
          if (body.ok) place.innerHTML = body.looks[place.dataset.look] ?? "";
        }
      },
    );
  }

  // What is filled in; a name that stands several times has all its values.
  get values() {
    const made = {};
    for (const [name, value] of new FormData(this.form)) made[name] = name in made ? [made[name], value].flat() : value;
    return made;
  }

  async #take() {
    this.looking.drop();
    const { values } = this;
    const { status, body } = await post(this.url, this.#message({ form: values }));
    if (typeof body === "string") return this.#show(body);
    if (status !== 200) return this.#tell(body.problems);
    const refused = body.edits.length ? await this.taken(body.edits, values) : null;
    if (refused) this.#tell(refused);
    else drawer.close();
  }

  #tell(problems) {
    const place = this.form.querySelector("[data-told]") ?? this.form.insertBefore(document.createElement("p"), this.form.firstChild);
    Object.assign(place, { className: "field-error", textContent: problems.map((one) => one.message).join(" ") });
    place.dataset.told = "";
    place.setAttribute("role", "alert");
    place.scrollIntoView({ block: "nearest" });
  }
}
