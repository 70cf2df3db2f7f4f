// The model's sheet: a cell becomes a field, the answer is the whole sheet, and changed cells show old → new for a while.
const SHOWN = 12; // seconds that the old value stays visible

function field(button) {
  const input = document.createElement("input");
  input.className = "cell-input num";
  input.value = button.dataset.raw;
  input.setAttribute("aria-label", button.getAttribute("aria-label"));
  input.inputMode = "decimal";
  return input;
}

// Who changes a figure says why, once for all that they change now.
const why = () => document.getElementById("sheet-reason");

function send(button, value) {
  const name = button.dataset.name;
  return window.htmx
    .ajax("POST", button.dataset.edit, { target: "#sheet", swap: "outerHTML", values: { value, name, reason: why()?.value ?? "" } })
    .then(() => {
      // Where only the reason is missing, that is what to fill in next.
      const missing = document.querySelector("#sheet .is-wrong") && why()?.value === "" ? why() : null;
      (missing ?? document.querySelector(`[data-name="${CSS.escape(name)}"]`))?.focus();
      settle();
    });
}

function edit(button) {
  const input = field(button);
  let done = false;
  const close = (keep) => {
    if (done) return;
    done = true;
    const value = input.value.trim();
    input.replaceWith(button);
    if (keep && value !== "" && value !== button.dataset.raw) send(button, value);
    else button.focus();
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") close(true);
    else if (event.key === "Escape") close(false);
    else return;
    event.preventDefault();
  });
  input.addEventListener("blur", () => close(true));
  button.replaceWith(input);
  input.select();
}

// The reason was missing: with it written, Enter sends the refused figure again.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.target.id !== "sheet-reason" || event.target.value.trim() === "") return;
  const refused = document.querySelector("#sheet .is-wrong button[data-edit]");
  if (refused) send(refused, refused.dataset.raw);
});

// Arrow keys go from cell to cell, as in any sheet.
function walk(button, key) {
  const cell = button.closest("td");
  const row = cell.parentElement;
  const rows = [...document.querySelectorAll("#sheet .sheet tbody tr:not(.sheet-group)")];
  const place = [...row.children].indexOf(cell);
  if (key === "ArrowLeft") return row.children[place - 1]?.querySelector(".cell")?.focus();
  if (key === "ArrowRight") return row.children[place + 1]?.querySelector(".cell")?.focus();
  const step = key === "ArrowDown" ? 1 : -1;
  for (let at = rows.indexOf(row) + step; rows[at]; at += step) {
    const target = rows[at].children[place]?.querySelector("button.cell");
    if (target) return target.focus();
  }
}

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (form?.matches?.("[data-close-after]") && event.detail.xhr.status < 300) form.closest("dialog")?.close();
});

let timer;
function settle() {
  clearTimeout(timer);
  timer = setTimeout(() => {
    for (const cell of document.querySelectorAll("#sheet .is-changed")) cell.classList.add("is-settled");
  }, SHOWN * 1000);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-edit]");
  if (button) edit(button);
});

document.addEventListener("keydown", (event) => {
  const button = event.target.closest?.("button[data-edit]");
  if (!button || !event.key.startsWith("Arrow")) return;
  event.preventDefault();
  walk(button, event.key);
});
settle();
