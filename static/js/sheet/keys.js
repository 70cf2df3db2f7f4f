// The keyboard of the grid; docs/model-sheet.md and the dialog "Keys" have the table.
const STEPS = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const FAR = 100_000;

export function listen(sheet) {
  sheet.grid.addEventListener("keydown", (event) => {
    if (!event.target.matches("td[data-cell]") || event.isComposing) return;
    if (act(sheet, event)) event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const control = event.ctrlKey || event.metaKey;
    if (!sheet.root.isConnected) return;
    if (event.key === "?" && !control && !event.target.closest?.("input, textarea, select, dialog")) {
      event.preventDefault();
      document.getElementById("sheet-keys").showModal();
      return;
    }
    if (!control || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "s") {
      event.preventDefault();
      sheet.saving.begin();
      return;
    }
    if (event.target.closest?.("input, textarea, select, dialog")) return;
    if (key === "z" && !event.shiftKey) sheet.undo();
    else if (key === "y" || (key === "z" && event.shiftKey)) sheet.redo();
    else return;
    event.preventDefault();
  });
}

// Answers whether the key meant something here.
function act(sheet, event) {
  const { selection } = sheet;
  const control = event.ctrlKey || event.metaKey;
  const extend = event.shiftKey;
  if (event.altKey) return alt(sheet, event);
  if (event.key in STEPS) {
    const [down, right] = STEPS[event.key];
    selection.move(control ? down * FAR : down, control ? right * FAR : right, { extend });
  } else if (event.key === "Home") selection.go({ row: control ? 0 : selection.active.row, column: 0 }, { extend });
  else if (event.key === "End") selection.go({ row: control ? FAR : selection.active.row, column: FAR }, { extend });
  else if (event.key === "PageDown" || event.key === "PageUp") selection.move(event.key === "PageUp" ? -10 : 10, 0, { extend });
  else if (event.key === "Tab") return tab(selection, event);
  else if (event.key === "Enter" || event.key === "F2") sheet.edit();
  else if (event.key === "Escape") selection.go(selection.active);
  else if (event.key === "Delete" || event.key === "Backspace") sheet.clear();
  else if (control && event.key.toLowerCase() === "a") {
    selection.go({ row: 0, column: 0 });
    selection.go({ row: FAR, column: FAR }, { extend: true });
  } else if (!control && event.key.length === 1 && event.key !== " " && event.key !== "?") sheet.edit(event.key);
  else return false;
  return true;
}

function alt(sheet, event) {
  if (event.key === "ArrowUp") sheet.rowActions.move(-1);
  else if (event.key === "ArrowDown") sheet.rowActions.move(1);
  else if (event.key === "Enter" && event.shiftKey) sheet.openSource();
  else if (event.key === "Enter") sheet.rowActions.open(sheet.selection.cell?.closest("tr").dataset.row);
  else return false;
  return true;
}

// Tab goes through a row's cells, and leaves the grid at its ends.
function tab(selection, event) {
  const last = selection.lines[selection.active.row].length - 1;
  const step = event.shiftKey ? -1 : 1;
  const column = selection.active.column + step;
  if (column < 0 || column > last) return false;
  selection.move(0, step);
  return true;
}
