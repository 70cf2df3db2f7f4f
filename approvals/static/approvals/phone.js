// The approver's pages on a phone: installable, readable offline, and honest about what does not work without a connection.
// Everything that the pages of a desk have (palette, drawer) is brought only where somebody wants it.
const root = document.documentElement;
const WORKER = "/approvals/sw.js";
const SCOPE = "/approvals/";

const desk = () => import("../js/app.js");
if (matchMedia("(min-width: 48rem)").matches) desk();
else {
  document.addEventListener(
    "click",
    async (event) => {
      const opener = event.target.closest("[data-palette]");
      if (!opener || root.dataset.desk) return;
      event.preventDefault();
      event.stopPropagation();
      root.dataset.desk = "yes";
      await desk();
      opener.click();
    },
    { capture: true },
  );
}
if (document.querySelector("[data-toast]")) import("../js/toast.js");

// Offline: said in the page, and nothing is sent. What was typed stays.
const note = document.getElementById("offline");
function tell() {
  const off = root.hasAttribute("data-kept") || !navigator.onLine;
  root.toggleAttribute("data-offline", off);
  if (note) note.hidden = !off;
}
addEventListener("online", tell);
addEventListener("offline", tell);
tell();

document.addEventListener("submit", (event) => {
  if (navigator.onLine || !event.target.matches("[data-vote]")) return;
  event.preventDefault();
  tell();
  note?.scrollIntoView({ block: "center" });
  note?.focus();
});

// A second tap while the first is on its way would be refused as a replay; better that it cannot be given.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("[data-vote]")) return;
  setTimeout(() => {
    for (const button of document.querySelectorAll("[data-vote] [type=submit]")) button.setAttribute("aria-disabled", "true");
  });
});
document.addEventListener("click", (event) => {
  if (event.target.closest('[aria-disabled="true"]')) event.preventDefault();
});
addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll('[data-vote] [aria-disabled="true"]')) button.removeAttribute("aria-disabled");
});

// The first visit is not seen by a worker that is not there yet: it is asked to keep this page once it is.
async function install() {
  const controlled = Boolean(navigator.serviceWorker.controller);
  await navigator.serviceWorker.register(WORKER, { scope: SCOPE });
  if (controlled) return;
  const registration = await navigator.serviceWorker.ready;
  const assets = performance.getEntriesByType("resource").map((entry) => entry.name);
  registration.active.postMessage({ keep: location.href, assets });
}
if ("serviceWorker" in navigator && !root.hasAttribute("data-kept")) {
  addEventListener("load", () => install().catch(() => {})); // a browser that refuses (private window) works without
}
