// Opens every HTML digest of a run in headless Chromium, goes through it with the keyboard, and has axe-core look at it.
//
// usage: node digest_check.mjs RUN-FOLDER    (needs a Chromium: CHROMIUM=/path/to/it)
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { launched, opened, violations } from "./pages.mjs";

const digests = join(process.argv[2], "digests");
const files = readdirSync(digests, { recursive: true }).filter((name) => name.endsWith(".html")).sort();
assert.ok(files.length > 0, `${digests} holds HTML digests`);

/** Where the keyboard is: which of the page's links and summaries, and whether a reader can see that. */
const focused = (page) =>
  page.evaluate(() => {
    const here = document.activeElement;
    const box = here.getBoundingClientRect();
    return {
      stop: [...document.querySelectorAll("a[href], summary")].indexOf(here),
      summary: here.localName === "summary",
      seen: getComputedStyle(here).outlineStyle !== "none" && box.width > 0 && box.left >= 0 && box.right <= innerWidth,
    };
  });

async function contents(page) {
  const links = page.locator("nav a");
  for (const link of await links.all()) {
    await link.focus();
    await page.keyboard.press("Enter");
    const anchor = await link.getAttribute("href");
    assert.ok(await page.locator(`article${anchor}`).isVisible(), `the contents lead to ${anchor}`);
    assert.equal(await page.evaluate(() => decodeURIComponent(location.hash)), anchor);
    await page.keyboard.press("Tab");
    assert.ok(await page.evaluate(() => document.activeElement.closest("article")?.matches(":target")), `Tab goes on from ${anchor}`);
  }
  return links.count();
}

/** From the top to the bottom: every link and every text to unfold, in the order of the page, none left out. */
async function walk(page) {
  const stops = await page.locator("a[href], summary").count();
  let unfolded = 0;
  for (let stop = 0; stop < stops; stop++) {
    await page.keyboard.press("Tab");
    const here = await focused(page);
    assert.equal(here.stop, stop, "Tab goes to the next link or source text");
    assert.ok(here.seen, `where the keyboard is can be seen at stop ${stop}`);
    if (here.summary) {
      const key = ["Enter", "Space"][unfolded++ % 2];
      await page.keyboard.press(key);
      assert.ok(await page.evaluate(() => document.activeElement.parentElement.open), `${key} opens a source text`);
    }
  }
  assert.equal(await page.locator("details:not([open])").count(), 0, "the keyboard opens every source text");
  return unfolded;
}

const browser = await launched();
const failures = [];
for (const file of files) {
  const { page, complaints } = await opened(browser, join(digests, file));
  try {
    const links = await contents(page);
    await page.goto(page.url().replace(/#.*/, ""));
    await page.reload();
    const unfolded = await walk(page);
    assert.ok(unfolded > 0, "there are source texts");
    // With everything unfolded, so that axe sees the source texts too.
    complaints.push(...(await violations(page)));
    if (complaints.length === 0) console.log(`${file}: ${links} links of the contents and ${unfolded} texts to unfold answer the keyboard`);
  } catch (error) {
    complaints.push(`not so: ${error.message}`);
  }
  failures.push(...complaints.map((line) => `${file}: ${line}`));
  await page.close();
}
await browser.close();
if (failures.length > 0) {
  console.error(failures.join("\n"));
  process.exit(1);
}
