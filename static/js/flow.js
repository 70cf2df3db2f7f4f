// A box of the graph leads to its step: the step opens, and gets the focus, so that the keyboard goes on from there.
function reveal(id) {
  const target = id && document.getElementById(id);
  if (!target) return;
  for (let outer = target.closest("details"); outer; outer = outer.parentElement.closest("details")) outer.open = true;
  const details = target.matches("details") ? target : target.querySelector(":scope > details");
  if (details) details.open = true;
  const focus = details?.querySelector("summary") ?? target;
  focus.focus({ preventScroll: true });
  target.scrollIntoView({ block: "start" });
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("svg.flow a[href^='#'], a[href^='#step-']");
  if (!link) return;
  event.preventDefault();
  const id = link.getAttribute("href").slice(1);
  history.replaceState(null, "", `#${id}`);
  reveal(id);
});

// On a phone the graph would stand before everything else: there it is folded at first.
const map = document.getElementById("run-map");
if (map && matchMedia("(max-width: 64rem)").matches) map.open = false;

reveal(decodeURIComponent(location.hash.slice(1)));
