// Filters, sorts and moves between what the page already holds; nothing is fetched and nothing is kept.
"use strict";
(() => {
  const form = document.getElementById("filters");
  const list = document.getElementById("list");
  const search = document.getElementById("search");
  const count = document.getElementById("count");
  const items = [...list.children];
  const texts = new Map(items.map((item) => [item, (item.dataset.id + " " + item.textContent).toLocaleLowerCase()]));
  const value = (id) => document.getElementById(id).value;
  const ticked = (name) => new Set([...form.querySelectorAll(`input[name=${name}]:checked`)].map((box) => box.value));

  // What comes first is what a reader looks for: large disagreement, low scores.
  const ascending = new Set(["quality", "score"]);
  const compare = (key) => (left, right) => {
    if (key === "id") return left.dataset.id < right.dataset.id ? -1 : 1;
    const missing = ascending.has(key) ? Infinity : -Infinity;
    const number = (item) => (key in item.dataset ? Number(item.dataset[key]) : missing);
    const difference = ascending.has(key) ? number(left) - number(right) : number(right) - number(left);
    return difference || (left.dataset.id < right.dataset.id ? -1 : 1);
  };

  const apply = () => {
    const words = search.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    const [source, findings] = [value("source"), value("findings")];
    const languages = ticked("language");
    const summaries = ticked("task").has("summary");
    const systems = ticked("system");
    let shown = 0;
    for (const item of items) {
      let rows = 0;
      for (const row of item.querySelectorAll("tbody tr")) {
        row.hidden = !languages.has(row.dataset.language) || (row.dataset.task === "summary" && !summaries);
        rows += row.hidden ? 0 : 1;
      }
      item.hidden =
        rows === 0 ||
        (source && item.dataset.source !== source) ||
        (findings && item.dataset.flagged !== findings) ||
        !words.every((word) => texts.get(item).includes(word));
      shown += item.hidden ? 0 : 1;
    }
    for (const cell of list.querySelectorAll("[data-system]")) cell.hidden = !systems.has(cell.dataset.system);
    count.textContent = `${shown} of ${items.length} articles`;
  };

  const sort = () => {
    items.sort(compare(value("order")));
    list.append(...items);
  };

  const move = (step) => {
    const seen = items.filter((item) => !item.hidden);
    const here = seen.indexOf(document.activeElement.closest?.(".item"));
    const next = seen[here < 0 ? 0 : Math.min(Math.max(here + step, 0), seen.length - 1)];
    next?.focus();
    next?.scrollIntoView({ block: "start" });
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, select, textarea")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "/") {
      event.preventDefault();
      search.focus();
    }
  });

  // Each column of a table of scores sorts its rows; a second press turns the order round.
  for (const table of document.querySelectorAll("table.scores")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const text = (row) => row.cells[column].textContent;
        const order = (left, right) => {
          const [a, b] = [parseFloat(text(left)), parseFloat(text(right))];
          return Number.isNaN(a) || Number.isNaN(b) ? text(left).localeCompare(text(right)) : a - b;
        };
        const body = table.tBodies[0];
        const rows = [...body.rows].sort(order);
        body.append(...(down ? rows.reverse() : rows));
      });
    });
  }

  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    if (event.target.id === "order") sort();
    apply();
  });
  sort();
  apply();
})();
