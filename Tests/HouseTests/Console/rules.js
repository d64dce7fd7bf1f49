// What is true of every page of the console; the result says what is not.
const broken = [];
const all = (selector) => [...document.querySelectorAll(selector)];
const expect = (holds, what) => { if (!holds) broken.push(what); };
const tells = (element) => element.outerHTML.slice(0, 120);

expect(document.documentElement.lang === 'en', 'the page has no language');
expect(document.title.endsWith(' · Martlet'), `the title is ${document.title}`);
for (const [selector, count] of [['main', 1], ['h1', 1], ['header', 1], ['a.skip[href="#main"]', 1]]) {
    expect(all(selector).length === count, `there are ${all(selector).length} of ${selector}`);
}
for (const table of all('table')) expect(table.caption && table.tHead, `no caption or head: ${tells(table)}`);
for (const cell of all('th')) expect(cell.scope, `no scope: ${tells(cell)}`);
for (const image of all('img')) expect(image.hasAttribute('alt'), `no alt: ${tells(image)}`);
for (const input of all('input:not([type=hidden], [hidden]), select, textarea')) {
    expect(input.labels.length > 0, `no label: ${tells(input)}`);
}
for (const named of all('[aria-labelledby], [aria-describedby]')) {
    const ids = `${named.getAttribute('aria-labelledby') ?? ''} ${named.getAttribute('aria-describedby') ?? ''}`;
    for (const id of ids.split(' ').filter(Boolean)) {
        expect(document.getElementById(id), `nothing is called ${id}: ${tells(named)}`);
    }
}
const ids = all('[id]').map((element) => element.id);
expect(new Set(ids).size === ids.length, `an id stands twice: ${ids}`);
const levels = all('h1, h2, h3, h4').map((heading) => Number(heading.tagName[1]));
levels.forEach((level, index) => expect(level <= (levels[index - 1] ?? 0) + 1, `a heading is left out: ${levels}`));
for (const button of all('button, a[href]')) expect(button.textContent.trim(), `it says nothing: ${tells(button)}`);
for (const form of all('form[method=post]')) expect(form.elements.csrf?.value, `no csrf: ${tells(form)}`);
expect(all('[style]:not(canvas), script:not([src]), style').length === 0, 'a style or script stands in the page');

// Text can be read: WCAG's contrast against the nearest background, in the colours that are shown now.
const channel = (value) => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
const parts = (colour) => colour.match(/[\d.]+/g).map(Number);
const light = ([red, green, blue]) => 0.2126 * channel(red) + 0.7152 * channel(green) + 0.0722 * channel(blue);
const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
        const colour = parts(getComputedStyle(at).backgroundColor);
        if (colour[3] === undefined || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
};
for (const element of all('body *')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!hasText || !element.checkVisibility() || element.closest('.visually-hidden, .skip')) continue;
    const [one, two] = [light(parts(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    expect(ratio >= 4.5, `contrast ${ratio.toFixed(1)}: ${tells(element)}`);
}
return broken;
