// Completions of the formula bar: rows by name or by the words of their label, functions with what they do.
const MOST = 8;

export function wordAt(text, caret) {
  const word = /[A-Za-z_][A-Za-z0-9_]*$/.exec(text.slice(0, caret))?.[0] ?? "";
  return { word, start: caret - word.length };
}

function rank(word, name, label) {
  const [key, said, typed] = [name.toLowerCase(), label.toLowerCase(), word.toLowerCase()];
  if (key === typed) return 0;
  if (key.startsWith(typed)) return 1;
  if (said.split(/\s+/).some((part) => part.startsWith(typed))) return 2;
  return key.includes(typed) || said.includes(typed) ? 3 : -1;
}

// Entries {name, insert, hint, kind}, the best first.
export function completions(word, rows, functions) {
  if (!word) return [];
  const found = [];
  for (const [name, row] of Object.entries(rows)) {
    const place = rank(word, name, row.label);
    if (place >= 0) found.push({ place, name, insert: name, hint: `${row.label}, ${row.unit}`, kind: "row" });
  }
  for (const { name, signature, summary } of functions) {
    const place = rank(word, name, "");
    if (place >= 0 && place < 3) found.push({ place, name: signature, insert: `${name}(`, hint: summary, kind: "function" });
  }
  return found.sort((a, b) => a.place - b.place || a.name.localeCompare(b.name)).slice(0, MOST);
}

// The function whose brackets the caret is in, innermost first.
export function callAt(text, caret, functions) {
  let depth = 0;
  for (let at = caret - 1; at >= 0; at -= 1) {
    if (text[at] === ")") depth += 1;
    else if (text[at] === "(" && depth > 0) depth -= 1;
    else if (text[at] === "(") {
      const { word } = wordAt(text, at);
      const known = functions.find((one) => one.name === word);
      if (known) return known;
    }
  }
  return null;
}
