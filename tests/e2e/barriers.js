// All of axe-core's rules that are asked for, in one run: what it finds out about the page is found out once. Its contrast check
// alone costs more than all others together, since it asks for each text what lies behind it. What it measures hangs on computed
// colours, sizes and what is laid over, so of the texts that agree in these the first one is checked.
async (options) => {
  const CLEAR = "rgba(0, 0, 0, 0)";
  const grounds = new Map();
  const ground = (element) => {
    if (!element) return "";
    if (!grounds.has(element)) grounds.set(element, ground(element.parentElement) + layer(element));
    return grounds.get(element);
  };
  const layer = (element) => {
    const style = getComputedStyle(element);
    const shows = style.backgroundColor !== CLEAR || style.backgroundImage !== "none" || style.opacity !== "1";
    const over = ["absolute", "fixed", "sticky"].includes(style.position) ? `${element.tagName}.${element.className}` : "";
    return shows || over ? `/${style.backgroundColor} ${style.backgroundImage} ${style.opacity} ${over}` : "";
  };
  const firsts = new Map();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility({ visibilityProperty: true })) continue;
    const style = getComputedStyle(element);
    const key = [ground(element), style.color, style.fontSize, style.fontWeight, style.textShadow].join(";");
    if (!firsts.has(key)) firsts.set(key, element);
  }
  const chosen = new Set(firsts.values());
  const isChosen = (element) => element !== null && (chosen.has(element) || isChosen(element.parentElement));

  const contrast = axe._audit.rules.find((rule) => rule.id === "color-contrast");
  const { matches } = contrast;
  contrast.matches = (element, ...rest) => isChosen(element) && matches.call(contrast, element, ...rest);
  try {
    return (await axe.run(options)).violations;
  } finally {
    contrast.matches = matches;
  }
}
