// Short messages at the edge, with an undo where there is one.
const place = document.getElementById("toasts");
const SECONDS = 8; // long enough to read, and to reach "Undo" by keyboard

function leave(element, after) {
  const go = () => (element.matches(":hover, :focus-within") ? leave(element, 2) : element.remove());
  setTimeout(go, after * 1000);
}

function button(words, act) {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = words;
  element.addEventListener("click", act);
  return element;
}

export function toast({ text, tone, undo_url: undoUrl }) {
  if (!place || !text) return;
  const element = document.createElement("div");
  element.className = tone === "error" ? "toast toast--error" : "toast";
  const words = document.createElement("p");
  words.textContent = text;
  element.append(words);
  if (undoUrl) {
    element.append(
      button("Undo", () => {
        element.remove();
        window.htmx.ajax("POST", undoUrl, { target: "body", swap: "none" }).then(() => location.reload());
      }),
    );
  }
  element.append(button("Close", () => element.remove()));
  place.append(element);
  if (tone !== "error") leave(element, SECONDS);
}

place?.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest("[data-toast]").remove();
});
for (const element of place?.querySelectorAll("[data-toast]:not(.toast--error)") ?? []) leave(element, SECONDS);
