// axe-core's contrast check costs more than all its others together, since it asks for each text what lies behind it. What it
// measures hangs on computed colours, sizes and what is laid over, so of the texts that agree in these the first one is checked.
() => {
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
  const options = { runOnly: ["color-contrast"], resultTypes: ["violations"], preload: false };
  if (!firsts.size) return [];
  return axe.run({ include: [...firsts.values()] }, options).then((results) => results.violations);
}
