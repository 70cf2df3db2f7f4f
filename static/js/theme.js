// Light, dark or as the system says. Runs before the first paint, so it is no module.
(() => {
  const KEY = "vos-theme";
  const root = document.documentElement;
  const read = () => {
    try {
      return localStorage.getItem(KEY) || "auto";
    } catch {
      return "auto"; // storage refused: the system decides
    }
  };
  const show = (theme) => {
    if (theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = theme;
    for (const label of document.querySelectorAll("[data-theme-label]")) label.textContent = label.dataset[theme];
  };

  show(read());
  document.addEventListener("DOMContentLoaded", () => show(read()));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-next]")) return;
    const next = { auto: "light", light: "dark", dark: "auto" }[read()];
    try {
      localStorage.setItem(KEY, next);
    } catch {
      // The choice lasts for this page only.
    }
    show(next);
  });
})();
