// Whether the draft is careful enough: asked a moment after each change, told above the grid, beside rows, and in the panel below.
import { Preview, post } from "./server.js";

const MOMENT = 450; // milliseconds after figures came; the gate computes the model three times

export class Gate {
  constructor(sheet, root) {
    this.sheet = sheet;
    this.root = root;
    this.mark = root.querySelector("#gate-mark");
    this.places = root.querySelectorAll("[data-gate-told]");
    this.preview = new Preview();
    this.saved = document.getElementById("gate")?.innerHTML ?? "";
    this.replaced = false;
  }

  // ``edits`` may be more than the session has: what is being typed counts already.
  ask(edits) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const { painter, session } = this.sheet;
      const message = { version: session.version, edits };
      this.preview.ask(
        (signal) => post(painter.data.urls.gate, message, signal),
        ({ body }) => body.ok && this.#show(body, edits.length > 0),
      );
    }, MOMENT);
  }

  #show({ told, passed, panel, rows }, differs) {
    for (const place of this.places) {
      place.hidden = false;
      place.classList.toggle("is-careful", passed);
      place.querySelector("[data-words]").textContent = told;
    }
    const section = document.getElementById("gate");
    // The saved version's own panel has what a draft's has not: letting a row pass.
    if (section && (differs || this.replaced)) {
      section.innerHTML = differs ? panel : this.saved;
      window.htmx.process(section);
      this.replaced = differs;
    }
    for (const old of this.root.querySelectorAll(".gate-mark")) old.remove();
    for (const [key, words] of Object.entries(rows)) this.#beside(key, words);
  }

  #beside(key, words) {
    const title = this.root.querySelector(`#row-${CSS.escape(key)} .sheet-title`);
    if (!title) return;
    const mark = this.mark.content.firstElementChild.cloneNode(true);
    mark.title = words;
    mark.querySelector(".visually-hidden").textContent = words;
    title.after(" ", mark);
  }
}
