// The drawer at the right: opens for any [data-drawer] link, whose htmx request fills it. A plain link without script.
const drawer = document.getElementById("drawer");
const content = document.getElementById("drawer-content");
const waiting = content?.innerHTML;

document.addEventListener("htmx:beforeRequest", (event) => {
  const opener = event.detail.elt.closest?.("[data-drawer]");
  if (!opener || !drawer) return;
  content.innerHTML = waiting;
  if (!drawer.open) drawer.showModal();
});

document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.elt.closest?.("[data-drawer]")) drawer?.close();
});

document.addEventListener("htmx:sendError", (event) => {
  if (event.detail.elt.closest?.("[data-drawer]")) drawer?.close();
});

// A click on the veil, or on "Close", closes; Escape does by itself, and the browser gives the focus back.
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("dialog");
  if (!dialog) return;
  if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
});

// Any button may open a dialog of its page: data-dialog holds its id.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
});
