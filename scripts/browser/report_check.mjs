// Opens a comparison's report.html in headless Chromium, uses it with mouse and keyboard, has axe-core look at it, and
// fails where it does not do what it says. Screenshots go to the folder named second.
//
// usage: node report_check.mjs REPORT.html [FOLDER]    (needs a Chromium: CHROMIUM=/path/to/it)
import assert from "node:assert/strict";
import { launched, opened, violations } from "./pages.mjs";

const [report, folder] = process.argv.slice(2);
const browser = await launched();
const { page, complaints } = await opened(browser, report);
complaints.push(...(await violations(page)));

const shown = () => page.locator("#list article.item:visible").count();
const numbers = (key) => page.locator("#list article.item:visible").evaluateAll((items, key) => items.map((item) => Number(item.dataset[key])), key);
const all = await shown();
assert.ok(all > 1, "articles are shown");
const falling = (list) => list.every((value, index) => index === 0 || list[index - 1] >= value);
assert.ok(falling(await numbers("disagreement")), "the largest disagreement first");

await page.selectOption("#order", "words");
assert.ok(falling(await numbers("words")), "sorted by length of the article");
await page.selectOption("#order", "id");
await page.selectOption("#order", "disagreement");

await page.selectOption("#findings", "0");
const clean = await shown();
assert.equal(await page.locator("#list article.item:visible .findings .error, article.item:visible .findings .warning").count(), 0);
await page.selectOption("#findings", "1");
assert.equal((await shown()) + clean, all, "with findings and without make all");
assert.match(await page.locator("#count").textContent(), new RegExp(`of ${all} articles`));
await page.selectOption("#findings", "");

const word = (await page.locator("#list article.item h3").first().textContent()).trim().split(/\s+/)[0];
await page.keyboard.press("/");
await page.keyboard.type(word);
const found = await shown();
assert.ok(found >= 1 && found <= all, "the search finds what it is given");
await page.fill("#search", "no such word anywhere");
assert.equal(await shown(), 0);
await page.fill("#search", "");
await page.keyboard.press("Escape");

await page.keyboard.press("j");
await page.keyboard.press("j");
const focused = await page.evaluate(() => [...document.querySelectorAll("#list .item")].indexOf(document.activeElement));
assert.equal(focused, 1, "j goes to the next article");
await page.keyboard.press("k");
assert.equal(await page.evaluate(() => [...document.querySelectorAll("#list .item")].indexOf(document.activeElement)), 0);

const boxes = page.locator("input[name=language]");
for (let index = 0; index < (await boxes.count()); index++) {
  const code = await boxes.nth(index).getAttribute("value");
  await boxes.nth(index).uncheck();
  assert.equal(await page.locator(`tr[data-language=${code}]:visible`).count(), 0, `${code} is hidden`);
  await boxes.nth(index).check();
}
const systems = page.locator("input[name=system]");
if ((await systems.count()) > 1) {
  await systems.nth(1).uncheck();
  assert.equal(await page.locator("[data-system='1']:visible").count(), 0, "a system can be hidden");
  await systems.nth(1).check();
  assert.ok((await page.locator("mark:visible").count()) > 1, "words that differ are marked");
}

const versions = page.locator("#versions article");
if ((await versions.count()) > 0) {
  await page.locator("nav a[href='#versions']").click();
  assert.ok(await versions.first().isVisible(), "versions stand side by side");
  const marked = page.locator("#versions .text mark");
  assert.ok((await marked.count()) > 0, "what a version left out is marked");
  assert.equal(await marked.count(), await page.locator("#versions .text .note").count(), "each mark says where it is missing");
}

for (const text of await page.locator(".text[lang=ar]").all()) {
  assert.equal(await text.evaluate((node) => getComputedStyle(node).direction), "rtl");
}
const head = page.locator("table.scores").first().locator("thead th").nth(2);
await head.locator("button").focus();
await page.keyboard.press("Enter");
assert.equal(await head.getAttribute("aria-sort"), "descending");
const column = await page.locator("table.scores").first().locator("tbody tr td:nth-child(3)").allTextContents();
assert.ok(falling(column.map(parseFloat)), "a column sorts its rows");

if (folder) {
  await page.screenshot({ path: `${folder}/top.png` });
  await page.locator("#plots").screenshot({ path: `${folder}/plots.png` });
  await page.locator("#list article.item").first().screenshot({ path: `${folder}/article.png` });
  if ((await versions.count()) > 0) await versions.first().screenshot({ path: `${folder}/versions.png` });
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.locator("#articles").scrollIntoViewIfNeeded();
  await page.screenshot({ path: `${folder}/phone-dark.png` });
}
await browser.close();
if (complaints.length > 0) {
  console.error(complaints.join("\n"));
  process.exit(1);
}
console.log(`${report}: ${all} articles, everything answers`);
