// The text of a workflow: line numbers, indenting, and the way from a problem to its line. It can be saved without any of this.
const area = document.querySelector("[data-editor]");
const gutter = document.querySelector(".editor-lines");
const problems = document.getElementById("editor-problems");
const form = document.getElementById("editor-form");
const INDENT = "  ";
let saved = area?.value;
let leaves = false; // Escape, then Tab goes on to the next control: the text is no trap

function number() {
  const wrong = new Set([...problems.querySelectorAll("[data-line]")].map((item) => Number(item.dataset.line)));
  const lines = area.value.split("\n").length;
  gutter.replaceChildren();
  for (let line = 1; line <= lines; line += 1) {
    const mark = document.createElement(wrong.has(line) ? "mark" : "span");
    mark.textContent = line;
    gutter.append(mark, "\n");
  }
  gutter.scrollTop = area.scrollTop;
}

function insert(text) {
  // Keeps the browser's own undo, which setting the value would lose.
  if (!document.execCommand("insertText", false, text)) area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
}

function goTo(line) {
  const lines = area.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  area.focus();
  area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  area.scrollTop = Math.max(0, (line - 4) * (area.scrollHeight / lines.length));
}

function key(event) {
  if (event.key === "Escape") leaves = true;
  else if (event.key === "Tab" && !event.shiftKey && !leaves) {
    event.preventDefault();
    insert(INDENT);
  } else if (event.key === "Enter" && !event.isComposing) {
    const before = area.value.slice(0, area.selectionStart).split("\n").at(-1);
    const deeper = /:\s*$/.test(before) ? INDENT : "";
    event.preventDefault();
    insert(`\n${before.match(/^\s*/)[0]}${deeper}`);
  } else if (event.key === "s" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    form.requestSubmit(form.querySelector('[value="save"]'));
  }
  if (event.key !== "Escape" && event.key !== "Tab") leaves = false;
}

if (area) {
  number();
  area.addEventListener("keydown", key);
  area.addEventListener("input", number);
  area.addEventListener("scroll", () => (gutter.scrollTop = area.scrollTop));
  document.addEventListener("htmx:afterSwap", number);
  document.addEventListener("click", (event) => {
    const problem = event.target.closest("[data-line]");
    if (problem) goTo(Number(problem.dataset.line));
  });
  form.addEventListener("submit", () => (saved = area.value));
  window.addEventListener("beforeunload", (event) => area.value !== saved && event.preventDefault());
}
