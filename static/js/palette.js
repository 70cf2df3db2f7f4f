// Ctrl-K: goes anywhere, and does anything that the page can do.
const dialog = document.getElementById("palette");
const input = document.getElementById("palette-input");
const list = document.getElementById("palette-list");
const LIMIT = 40;
let everywhere = null;
let shown = [];
let at = 0;

function here() {
  return [...document.querySelectorAll("[data-command]")]
    .filter((element) => !element.disabled && element.checkVisibility())
    .map((element) => ({ label: element.dataset.command, group: dialog.dataset.here, act: () => element.click() }));
}

async function load() {
  if (everywhere || !dialog.dataset.url) return;
  try {
    const answer = await fetch(dialog.dataset.url, { headers: { Accept: "application/json" } });
    everywhere = answer.ok ? (await answer.json()).items : [];
  } catch {
    everywhere = []; // the page's own commands still work; asked for again at the next opening
  }
  show();
  if (!everywhere.length) everywhere = null;
}

// Every word typed must occur; what begins with it stands first.
function rank(item, words) {
  const text = `${item.label} ${item.hint ?? ""}`.toLowerCase();
  if (!words.every((word) => text.includes(word))) return -1;
  return words.length && item.label.toLowerCase().startsWith(words[0]) ? 2 : 1;
}

function find() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  return [...here(), ...(everywhere ?? [])]
    .map((item) => ({ item, score: rank(item, words) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, LIMIT)
    .map(({ item }) => item);
}

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  made.textContent = text ?? "";
  return made;
}

function row(item, index) {
  const made = element("li", "palette-item");
  made.id = `palette-${index}`;
  made.role = "option";
  made.append(element("span", "clamp", item.label), element("span", "palette-hint", item.hint));
  made.addEventListener("click", () => run(item));
  made.addEventListener("mousemove", () => choose(index));
  return made;
}

function show() {
  shown = find();
  const parts = [];
  let group;
  for (const [index, item] of shown.entries()) {
    if (item.group && item.group !== group) {
      const head = element("li", "palette-group", item.group);
      head.role = "presentation";
      parts.push(head);
    }
    group = item.group;
    parts.push(row(item, index));
  }
  list.replaceChildren(...(parts.length ? parts : [element("li", "palette-group", dialog.dataset.none)]));
  choose(0);
}

function choose(index) {
  if (!shown.length) return input.removeAttribute("aria-activedescendant");
  at = (index + shown.length) % shown.length;
  for (const option of list.querySelectorAll("[role=option]")) {
    option.setAttribute("aria-selected", String(option.id === `palette-${at}`));
  }
  input.setAttribute("aria-activedescendant", `palette-${at}`);
  document.getElementById(`palette-${at}`).scrollIntoView({ block: "nearest" });
}

function run(item) {
  dialog.close();
  if (item.act) item.act();
  else location.assign(item.url);
}

function open() {
  document.querySelector("[popover]:popover-open")?.hidePopover();
  input.value = "";
  dialog.showModal();
  show();
  load();
}

if (dialog) {
  input.addEventListener("input", show);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(at + step);
    else if (event.key === "Enter" && shown[at]) run(shown[at]);
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else open();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-palette]")) open();
  });
}
