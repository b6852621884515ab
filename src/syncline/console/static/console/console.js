// What the pages do without asking the server. Everything else is HTML, and htmx for the moving parts.

import { watchUnsaved } from "./unsaved.js";
import { watchScheduleRows } from "./schedule.js";
import { watchWeekGrids } from "./week-grid.js";
import { watchSelecting } from "./selecting.js";

watchUnsaved();
watchScheduleRows();
watchWeekGrids();
watchSelecting();
watchTheme();
watchDialogs();
watchFocus();
watchDropdowns();
showCurrentTab();

// Light and dark switch without leaving the page, so that nothing unsaved is lost; the server sets the cookie.
function watchTheme() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-theme-switch]");
    if (!form || !event.submitter) return;
    event.preventDefault();
    const chosen = event.submitter.value;
    const body = new FormData(form, event.submitter);
    fetch(form.action, { method: "POST", body, redirect: "manual" });
    document.documentElement.dataset.theme = chosen;
    form.querySelector(chosen === "dark" ? ".theme-to-light" : ".theme-to-dark").focus();
  });
}

// A button with data-opens fetches with htmx; its dialog opens when the answer is in.
function watchDialogs() {
  document.addEventListener("htmx:after:swap", (event) => {
    const opens = event.detail?.ctx?.sourceElement?.dataset?.opens;
    const dialog = opens && document.getElementById(opens);
    if (dialog && !dialog.open) dialog.showModal();
  });
  // A click on the backdrop arrives at the dialog itself.
  document.addEventListener("click", (event) => {
    if (event.target.matches("dialog")) event.target.close();
  });
}

// A button that its own action takes away hands the focus on.
function watchFocus() {
  let heir = null;
  document.addEventListener("click", (event) => {
    heir = event.target.closest("[data-focus-after]")?.dataset.focusAfter ?? null;
  });
  document.addEventListener("htmx:after:swap", () => {
    if (heir && document.activeElement === document.body) {
      document.getElementById(heir)?.focus();
      heir = null;
    }
  });
}

// A small menu shuts when the focus or a click goes elsewhere, and on Escape, which gives the focus back.
function watchDropdowns() {
  const shutOthers = (kept) => {
    for (const open of document.querySelectorAll(".dropdown[open]")) if (!open.contains(kept)) open.open = false;
  };
  document.addEventListener("click", (event) => shutOthers(event.target));
  document.addEventListener("focusin", (event) => shutOthers(event.target));
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && event.target.closest(".dropdown[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
}

// On a narrow screen the tabs scroll; the one that is open is brought into sight.
function showCurrentTab() {
  document.querySelector(".tab[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}
