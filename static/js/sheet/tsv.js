// Cells as text between programs: tabs between columns, line breaks between rows, quotes around what holds either.
export function parse(text) {
  const rows = [];
  let row = [];
  let cell = "";
  let quoted = false;
  const clean = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
  for (let at = 0; at < clean.length; at += 1) {
    const sign = clean[at];
    if (quoted) {
      if (sign !== '"') cell += sign;
      else if (clean[at + 1] === '"') cell += clean[(at += 1)];
      else quoted = false;
    } else if (sign === '"' && cell === "") quoted = true;
    else if (sign === "\t") {
      row.push(cell);
      cell = "";
    } else if (sign === "\n") {
      rows.push([...row, cell]);
      row = [];
      cell = "";
    } else cell += sign;
  }
  rows.push([...row, cell]);
  return rows;
}

// Figures without marks between thousands and without blanks, so that any spreadsheet reads them as numbers.
export const write = (rows) => rows.map((row) => row.map((raw) => raw.replace(/[,\s]/g, "")).join("\t")).join("\n");

// What this browser's language writes between units and tenths; spreadsheets copy in the same.
export const decimalMark = () => ((1.5).toLocaleString(navigator.language).includes(",") ? "," : ".");
