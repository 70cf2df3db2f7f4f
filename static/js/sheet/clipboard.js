// Copy and paste, as spreadsheets do. What does not fit is refused whole, with the cell and the reason.
import { decimalMark, parse, write } from "./tsv.js";

export function listen(sheet) {
  const inGrid = (event) => sheet.root.isConnected && event.target.closest?.("td[data-cell]") && !event.target.closest("input");
  document.addEventListener("copy", (event) => inGrid(event) && copy(sheet, event));
  document.addEventListener("cut", (event) => {
    if (!inGrid(event)) return;
    copy(sheet, event);
    sheet.clear();
  });
  document.addEventListener("paste", (event) => {
    if (!inGrid(event)) return;
    event.preventDefault();
    paste(sheet, event.clipboardData.getData("text/plain"));
  });
}

function copy(sheet, event) {
  const rows = sheet.selection.rows;
  if (!rows.length) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", write(rows.map((row) => row.map((cell) => cell.dataset.raw))));
  const count = rows.flat().length;
  sheet.say(count === 1 ? "Copied." : `${count} cells copied.`);
}

function paste(sheet, text) {
  const { selection } = sheet;
  if (!selection.active || !text.trim()) return;
  const block = spread(parse(text), selection);
  const { top, left } = selection.box;
  const wide = Math.max(...block.map((row) => row.length));
  const outside = tooLarge(selection, top, left, block.length, wide);
  if (outside) return sheet.refuse([{ message: `Not pasted: ${outside}` }]);
  const cells = [];
  let empty = 0;
  block.forEach((row, down) =>
    row.forEach((words, right) => {
      const { row: key, period } = sheet.partsOf(selection.lines[top + down][left + right]);
      if (words.trim() === "") empty += 1;
      else cells.push({ row: key, period, part: "values", text: words });
    }),
  );
  if (!cells.length) return sheet.refuse([{ message: "Not pasted: there is nothing but empty cells on the clipboard." }]);
  sheet.commit([{ op: "cells", cells, mark: decimalMark() }], `${cells.length} cells pasted`, { title: "Nothing was pasted." }).then((refused) => {
    if (refused) return;
    selection.go({ row: top, column: left });
    selection.go({ row: top + block.length - 1, column: left + wide - 1 }, { extend: true });
    const commas = cells.some(({ text }) => /\d,\d{1,2}(?!\d)/.test(text)) ? "; commas were read as decimal marks" : "";
    sheet.say(`${cells.length} ${cells.length === 1 ? "figure" : "figures"} pasted${commas}${empty ? `; ${empty} empty cells left as they were` : ""}.`);
  });
}

// One copied cell fills everything that is selected.
function spread(block, selection) {
  if (block.length !== 1 || block[0].length !== 1) return block;
  return selection.rows.map((row) => row.map(() => block[0][0]));
}

function tooLarge(selection, top, left, tall, wide) {
  const room = selection.lines.length - top;
  if (tall > room) return `${tall} rows are on the clipboard, and from here down there are ${room}. Select an upper row, or add rows first.`;
  const columns = selection.lines[top].length - left;
  if (wide > columns) return `${wide} columns are on the clipboard, and from here to the right there are ${columns}. Select a column further left.`;
  return "";
}
