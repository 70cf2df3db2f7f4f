// A form whose button says data-confirm asks first, in a dialog of our own (the browser's cannot be styled nor tested well).
function ask(words, label) {
  const dialog = document.createElement("dialog");
  dialog.className = "dialog";
  const text = document.createElement("p");
  text.textContent = words;
  const row = document.createElement("div");
  row.className = "button-row button-row--end";
  const make = (caption, className, value) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = className;
    button.textContent = caption;
    button.addEventListener("click", () => dialog.close(value));
    row.append(button);
    return button;
  };
  make("Cancel", "button button--quiet", "");
  make(label, "button button--danger", "yes");
  dialog.append(text, row);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

document.addEventListener("submit", async (event) => {
  const button = event.submitter?.closest("[data-confirm]");
  if (!button || button.dataset.confirmed) return;
  event.preventDefault();
  if (!(await ask(button.dataset.confirm, button.textContent.trim()))) return;
  button.dataset.confirmed = "yes";
  event.target.requestSubmit(button);
});
