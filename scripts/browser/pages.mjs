// Opens a page in headless Chromium, and has axe-core look at it.
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import { chromium } from "playwright-core";

const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];
// Colours hang on the scheme and what has to scroll hangs on the width, so that two looks find what four would. In 320
// pixels, WCAG wants a page to be read without scrolling sideways.
const looks = [
  { colorScheme: "light", width: 1400, height: 1000 },
  { colorScheme: "dark", width: 320, height: 844 },
];

export const launched = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });

/** The page of `file`, and a list that gets the errors it meets and what it asks for beyond itself. */
export async function opened(browser, file) {
  const { colorScheme, ...viewport } = looks[0];
  const page = await browser.newPage({ viewport, colorScheme, reducedMotion: "reduce" });
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  page.on("request", (request) => request.url().startsWith("file:") || complaints.push(`asked for ${request.url()}`));
  await page.goto(pathToFileURL(file).href);
  return { page, complaints };
}

/** What axe-core finds, a line for each element: how the page was shown, the rule, the element's selector, the help. */
export async function violations(page) {
  // As a script of the page, its policy would forbid it.
  await page.evaluate(axe.source);
  const lines = [];
  for (const { colorScheme, ...viewport } of looks) {
    const look = `${colorScheme}, ${viewport.width} pixels`;
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(viewport);
    const found = await page.evaluate((rules) => axe.run({ runOnly: rules, resultTypes: ["violations"] }), rules);
    for (const { id, help, nodes } of found.violations) {
      lines.push(...nodes.slice(0, 5).map((node) => `${look}: ${id}: ${node.target.join(" ")}: ${help}`));
      if (nodes.length > 5) lines.push(`${look}: ${id}: ${nodes.length - 5} more`);
    }
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) lines.push(`${look}: the page is ${over} pixels too wide`);
  }
  const { colorScheme, ...viewport } = looks[0];
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize(viewport);
  return lines;
}
