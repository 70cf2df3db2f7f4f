// Quotes and hypotheses light each other on hover and focus; a hypothesis is decided by one key.
const page = document.querySelector("[data-evidence]");
const quotes = () => [...page.querySelectorAll("[data-quotes]")];
const hypotheses = () => [...page.querySelectorAll("[data-hypothesis]")];
const keysOf = (mark) => mark.dataset.quotes.split(" ");

function light(keys) {
  page.classList.toggle("is-lit", keys.length > 0);
  for (const mark of quotes()) mark.classList.toggle("is-on", keysOf(mark).some((key) => keys.includes(key)));
  for (const item of hypotheses()) item.classList.toggle("is-on", keys.includes(item.dataset.hypothesis));
}

function keysAt(target) {
  const mark = target.closest?.("[data-quotes]");
  if (mark) return keysOf(mark);
  const item = target.closest?.("[data-hypothesis]");
  return item ? [item.dataset.hypothesis] : [];
}

// What is lit should be seen: the first quote of a hypothesis is brought into view, but only when asked by keyboard or click.
function reveal(target) {
  const item = target.closest?.("[data-hypothesis]");
  const other = item
    ? quotes().find((mark) => keysOf(mark).includes(item.dataset.hypothesis))
    : hypotheses().find((found) => keysAt(target).includes(found.dataset.hypothesis));
  other?.scrollIntoView({ block: "nearest", behavior: "smooth" });
}

function move(step) {
  const all = hypotheses();
  const now = all.indexOf(document.activeElement?.closest?.("[data-hypothesis]"));
  all[Math.min(Math.max(now + step, 0), all.length - 1)]?.focus();
}

function onKey(event) {
  if (event.target.closest("input, textarea, select, dialog") || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === "j" || key === "k") return move(key === "j" ? 1 : -1);
  const item = document.activeElement?.closest?.("[data-hypothesis]");
  const button = item?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
}

if (page) {
  page.addEventListener("pointerover", (event) => light(keysAt(event.target)));
  page.addEventListener("pointerleave", () => light([]));
  page.addEventListener("focusin", (event) => {
    light(keysAt(event.target));
    if (event.target.matches(":focus-visible")) reveal(event.target);
  });
  page.addEventListener("click", (event) => {
    if (event.target.matches("[data-quotes]")) reveal(event.target);
  });
  document.addEventListener("keydown", onKey);
  // After a decision the card is a new element: the focus goes on to it, so that the next key still works.
  document.addEventListener("htmx:afterSwap", (event) => {
    const id = event.detail.target?.id;
    if (id?.startsWith("hypothesis-")) document.getElementById(id)?.focus({ preventScroll: true });
    const form = event.detail.requestConfig?.elt;
    if (form?.matches?.("[data-close-after]") && event.detail.xhr.status < 300) form.closest("dialog")?.close();
  });
}
