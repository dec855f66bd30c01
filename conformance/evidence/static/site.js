// Filters of tables and the search page. Works from file://: the index is a script, nothing is fetched.
"use strict";

// Check boxes above a table show and hide its rows by data-kind; a page may be opened with ?verdict=NAME.
function connectFilters() {
  for (const filters of document.querySelectorAll("[data-filters]")) {
    const rows = document.querySelectorAll(`#${filters.dataset.filters} tbody tr`);
    const boxes = [...filters.querySelectorAll("input")];
    const wanted = new URLSearchParams(location.search).get(filters.dataset.parameter || "");
    if (wanted) boxes.forEach((box) => { box.checked = box.value === wanted; });
    const apply = () => {
      const shown = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
      for (const row of rows) row.hidden = !shown.has(row.dataset.kind);
    };
    filters.addEventListener("change", apply);
    apply();
  }
}

const resultsMax = 200;

function search(query) {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  return window.natstwinIndex.filter(([id, about]) => {
    const text = `${id} ${about}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function showResults(found) {
  const list = document.getElementById("results");
  list.replaceChildren(...found.slice(0, resultsMax).map(([id, about, page]) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    const [path, row] = page.split(/#(.*)/s);
    link.href = row === undefined ? path : `${path}#${encodeURIComponent(row)}`;
    link.textContent = id;
    const note = document.createElement("span");
    note.className = "note";
    note.textContent = ` ${about}`;
    item.append(link, note);
    return item;
  }));
  document.getElementById("count").textContent =
    found.length > resultsMax ? `${found.length} found, the first ${resultsMax} shown` : `${found.length} found`;
}

function connectSearch() {
  const box = document.getElementById("query");
  if (!box) return;
  box.value = new URLSearchParams(location.search).get("q") || "";
  const run = () => showResults(search(box.value));
  box.addEventListener("input", run);
  run();
}

connectFilters();
window.addEventListener("DOMContentLoaded", connectSearch);
if (document.readyState !== "loading") connectSearch();
