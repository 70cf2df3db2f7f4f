// What every page has: the request token, toasts, the drawer, the palette.
import "./confirm.js";
import "./drawer.js";
import "./leaving.js";
import "./palette.js";
import { toast } from "./toast.js";

const token = document.querySelector('meta[name="csrf-token"]')?.content;

document.addEventListener("htmx:configRequest", (event) => {
  if (token) event.detail.headers["X-CSRFToken"] = token;
});

document.addEventListener("toast", (event) => toast(event.detail));

document.addEventListener("htmx:sendError", () =>
  toast({ text: "The server could not be reached. Nothing was changed; try again.", tone: "error" }),
);

document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  if ([400, 409, 422].includes(status)) return; // the answer itself says what is wrong, and was swapped in
  const text =
    status === 403 ? "Your role does not include this. Nothing was changed." : `The server refused (${status}). Nothing was changed.`;
  toast({ text, tone: "error" });
});

// Forms that send on change (a filter, a choice among few) say so themselves.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form?.requestSubmit();
});

document.addEventListener("click", async (event) => {
  const copy = event.target.closest("[data-copy]");
  if (!copy) return;
  await navigator.clipboard.writeText(copy.dataset.copy);
  toast({ text: "Copied." });
});

for (const zone of document.querySelectorAll(".drop")) {
  for (const kind of ["dragenter", "dragover"]) zone.addEventListener(kind, () => zone.classList.add("is-over"));
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("is-over"));
}

// On a phone the tabs scroll sideways: the one that is shown should be in sight.
document.querySelector(".tab[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
