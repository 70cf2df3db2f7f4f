// The model page. Without this script the sheet is read, and a row's form edits it; with it, it is a sheet to work in.
import { listen as listenClipboard } from "./clipboard.js";
import { listen as listenKeys } from "./keys.js";
import { Sheet } from "./sheet.js";

const phone = matchMedia("(max-width: 47.9375rem)");
let sheet = null;

function begin() {
  const root = document.getElementById("sheet");
  const data = document.getElementById("sheet-data");
  if (!root || !data || sheet?.root === root) return;
  sheet = new Sheet(root, JSON.parse(data.textContent));
  listenKeys(sheet);
  listenClipboard(sheet);
  root.addEventListener("click", clicked, true);
  root.addEventListener("dblclick", (event) => {
    if (event.target.closest("td[data-cell]") && !phone.matches) sheet.edit();
  });
  root.addEventListener("pointerdown", pressed);
  root.querySelector("#sheet-ranges")?.addEventListener("change", (event) => root.classList.toggle("without-ranges", !event.target.checked));
  sheet.saving.restore();
  sheet.gate.ask(sheet.session.edits);
  if (location.hash === "#what-ifs") sheet.whatIfs.list();
  if (location.hash.startsWith("#what-if=")) sheet.whatIfs.form(decodeURIComponent(location.hash.slice(9)));
}

const ACTS = {
  undo: () => sheet.undo(),
  redo: () => sheet.redo(),
  discard: () => sheet.discard(),
  "what-if": () => sheet.whatIfs.keep(),
  "what-ifs": () => sheet.whatIfs.list(),
  settings: () => sheet.rowActions.settings(),
  driver: (button) => sheet.rowActions.driverForm(button.dataset.driver),
  "add-driver": () => sheet.rowActions.driverForm(""),
  "add-row": (button) => sheet.rowActions.open("", button.dataset.driver),
  "edit-row": (button) => sheet.rowActions.open((button.closest("tr") ?? sheet.selection.cell?.closest("tr"))?.dataset.row),
  "row-up": () => sheet.rowActions.move(-1),
  "row-down": () => sheet.rowActions.move(1),
  "delete-row": () => sheet.selection.cell && sheet.rowActions.remove(sheet.selection.cell.closest("tr").dataset.row),
};

function clicked(event) {
  const act = event.target.closest("[data-act]");
  if (act && ACTS[act.dataset.act]) {
    event.preventDefault();
    event.stopPropagation();
    ACTS[act.dataset.act](act);
    return;
  }
  const cell = event.target.closest("td[data-cell]");
  if (!cell || event.target.closest("input")) return;
  // A click selects; the source is one click away beside the row and in the strip.
  event.preventDefault();
  event.stopPropagation();
  if (phone.matches) sheet.rowActions.open(cell.closest("tr").dataset.row);
}

// Press and drag selects a range; Shift and a press extends it.
function pressed(event) {
  const cell = event.target.closest("td[data-cell]");
  if (!cell || event.target.closest("input") || event.button !== 0 || phone.matches) return;
  event.preventDefault();
  // While a formula is written, a press on another row puts its name in.
  const { row } = sheet.partsOf(cell);
  if (sheet.bar.takesNames && row !== sheet.bar.target.closest("tr").dataset.row) return sheet.bar.insert(row);
  document.activeElement?.blur?.();
  sheet.selection.goTo(cell, { extend: event.shiftKey });
  const drag = (moved) => {
    const over = document.elementFromPoint(moved.clientX, moved.clientY)?.closest?.("td[data-cell]");
    if (over && over !== sheet.selection.cell) sheet.selection.goTo(over, { extend: true });
  };
  document.addEventListener("pointermove", drag);
  document.addEventListener("pointerup", () => document.removeEventListener("pointermove", drag), { once: true });
}

// A figure that cannot be edited leads to its source.
document.addEventListener("click", (event) => {
  const link = event.target.closest("#sheet a[data-source]");
  if (!link || event.defaultPrevented || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  window.htmx.ajax("GET", link.getAttribute("href"), { target: "#drawer-content", swap: "innerHTML" });
  const drawer = document.getElementById("drawer");
  if (!drawer.open) drawer.showModal();
});

document.addEventListener("htmx:afterSettle", begin);
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (form?.matches?.("[data-close-after]") && event.detail.xhr.status < 300) form.closest("dialog")?.close();
});
begin();
