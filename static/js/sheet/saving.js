// Saving the session as a version, and what to do when somebody else saved one in between.
import { post } from "./server.js";

export class Saving {
  constructor(sheet, root) {
    this.sheet = sheet;
    this.form = root.querySelector("#sheet-save");
    this.reason = root.querySelector("#sheet-reason");
    this.count = root.querySelector("#sheet-count");
    this.notice = root.querySelector("#sheet-notice");
    this.leaving = false;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    this.reason.addEventListener("input", () => {
      sheet.session.reason = this.reason.value;
      sheet.session.keep();
    });
    // One listener for the whole life of the page: the sheet may be drawn anew.
    window.onbeforeunload = (event) => {
      if (this.leaving || !this.sheet.root.isConnected || !this.sheet.session.count) return undefined;
      event.preventDefault();
      return "";
    };
  }

  show() {
    const { count } = this.sheet.session;
    this.form.hidden = count === 0;
    this.count.textContent = count === 0 ? "" : `${count} unsaved ${count === 1 ? "change" : "changes"}`;
  }

  // Ctrl+S: with a reason written, save; without, ask for it.
  begin() {
    if (!this.sheet.session.count) return this.sheet.say("Nothing to save.");
    if (this.reason.value.trim()) this.#save();
    else {
      this.reason.focus();
      this.sheet.say("Say why, then press Enter.");
    }
  }

  async #save() {
    const { sheet } = this;
    if (this.busy || !sheet.session.count) return;
    if (!this.reason.value.trim()) return this.#refused("Say why, in a few words: it stays in the history with your name.");
    this.busy = true;
    sheet.busy("Saving…");
    const { body } = await post(sheet.painter.data.urls.save, {
      version: sheet.session.version,
      edits: sheet.session.edits,
      reason: this.reason.value,
    });
    this.busy = false;
    sheet.busy("");
    if (body.ok) {
      this.leaving = true;
      sheet.session.forget();
      location.assign(body.url);
    } else if (body.kind === "changed") this.#changed(body);
    else if (body.problems) sheet.refuse(body.problems, "Not saved.");
    else this.#refused(body.text);
  }

  #refused(text) {
    this.sheet.refuse([{ message: text }], "Not saved.");
    this.reason.setAttribute("aria-invalid", "true");
    this.reason.focus();
  }

  #changed(body) {
    const { sheet } = this;
    const box = document.createElement("div");
    box.className = "notice notice--warn sheet-changed";
    box.setAttribute("role", "alert");
    const told = document.createElement("div");
    told.append(Object.assign(document.createElement("p"), { textContent: body.text }));
    if (body.differences.length) told.append(differences(body));
    const buttons = document.createElement("p");
    buttons.className = "button-row";
    const mine = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: `Put my changes on version ${body.number}` });
    mine.addEventListener("click", () => {
      this.leaving = true;
      sheet.session.keep();
      location.assign(body.page);
    });
    const see = Object.assign(document.createElement("a"), { className: "button button--quiet", href: body.url, target: "_blank", rel: "noopener", textContent: `Open version ${body.number} beside this one` });
    buttons.append(mine, see);
    told.append(buttons);
    box.append(told);
    this.notice.replaceChildren(box);
    box.scrollIntoView({ block: "nearest" });
  }

  // Changes that another visit left here are put on the version that is shown now; what does not fit any more is said.
  async restore() {
    const { sheet } = this;
    const left = sheet.session.left();
    if (!left) return;
    sheet.session.take(left);
    this.reason.value = left.reason ?? "";
    const lost = [];
    for (;;) {
      const refused = await sheet.refresh();
      if (!refused) break;
      const label = refused.edit >= 0 ? sheet.session.without(refused.edit) : null;
      if (label === null) return sheet.refuse(refused.problems, "Your unsaved changes are kept, and cannot be shown now.");
      lost.push(`${label}: ${refused.problems[0].message}`);
    }
    sheet.session.keep();
    this.show();
    if (!sheet.session.count && !lost.length) return;
    const moved = left.number !== sheet.painter.data.number ? ` They were made on version ${left.number}, and stand on version ${sheet.painter.data.number} now.` : "";
    this.#note(`${sheet.session.count} unsaved ${sheet.session.count === 1 ? "change is" : "changes are"} back.${moved}`, lost);
  }

  #note(text, lost) {
    const box = document.createElement("div");
    box.className = `notice${lost.length ? " notice--warn" : ""}`;
    const told = document.createElement("div");
    told.append(Object.assign(document.createElement("p"), { textContent: text }));
    for (const one of lost) told.append(Object.assign(document.createElement("p"), { className: "small", textContent: `Left out: ${one}` }));
    box.append(told);
    this.notice.replaceChildren(box);
  }
}

function differences(body) {
  const table = document.createElement("table");
  table.className = "table";
  table.innerHTML = "<thead><tr><th scope='col'>Cell</th><th scope='col' class='num'>Yours began from</th><th scope='col' class='num'>Now saved</th></tr></thead><tbody></tbody>";
  for (const { label, before, after } of body.differences) {
    const line = table.tBodies[0].insertRow();
    const head = Object.assign(document.createElement("th"), { scope: "row", textContent: label });
    line.append(head, ...[before, after].map((words) => Object.assign(document.createElement("td"), { className: "num", textContent: words })));
  }
  return table;
}
