/** WCAG's contrast of each element's text against what is behind it. Runs in the page. */
globalThis.contrasts = (selectors) => {
  const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number);
  const part = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) => 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
  const behind = (element) => {
    if (element === null) return [255, 255, 255];
    const colour = parse(getComputedStyle(element).backgroundColor);
    return colour.length === 3 || colour[3] > 0 ? colour : behind(element.parentElement);
  };
  return selectors.map((selector) => {
    const element = document.querySelector(selector);
    const box = element.closest('.node')?.querySelector('.box');
    const text = luminance(parse(box === undefined ? getComputedStyle(element).color : getComputedStyle(element).fill));
    const back = luminance(box === undefined ? behind(element) : parse(getComputedStyle(box).fill));
    return [selector, (Math.max(text, back) + 0.05) / (Math.min(text, back) + 0.05)];
  });
};
