// The business case: printing, and going back to the base figures after moving assumptions.
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});

document.addEventListener("reset", (event) => {
  const form = event.target;
  // The fields may have been rendered with figures of an address; the committed ones stand beside them.
  for (const field of form.querySelectorAll("[data-base]")) field.defaultValue = field.dataset.base;
  // The fields have their first values only after this event is through.
  setTimeout(() => form.requestSubmit());
});
