// The value tree: closer and farther, and dragging it with the mouse. Sizes go by classes; the policy allows no inline style.
const frame = document.querySelector("[data-tree]");
const LEVELS = ["fit", "100", "150", "200"];
let level = 0;

function zoom(step) {
  frame.classList.remove(`zoom-${LEVELS[level]}`);
  level = Math.min(Math.max(level + step, 0), LEVELS.length - 1);
  frame.classList.add(`zoom-${LEVELS[level]}`);
}

if (frame) {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-zoom]");
    if (button) zoom(button.dataset.zoom === "in" ? 1 : -1);
  });

  frame.addEventListener("keydown", (event) => {
    if (event.key === "+" || event.key === "=") zoom(1);
    if (event.key === "-") zoom(-1);
  });

  let from = null;
  frame.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.target.closest("a")) return;
    from = { x: event.clientX, y: event.clientY, left: frame.scrollLeft, top: frame.scrollTop };
    frame.classList.add("is-dragged");
  });
  window.addEventListener("pointermove", (event) => {
    if (!from) return;
    frame.scrollLeft = from.left + from.x - event.clientX;
    frame.scrollTop = from.top + from.y - event.clientY;
  });
  window.addEventListener("pointerup", () => {
    from = null;
    frame.classList.remove("is-dragged");
  });
}
