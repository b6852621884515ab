// Tables whose rows can be chosen: one box for all of them, how many are chosen, and buttons that need one.

export function watchSelecting() {
  for (const form of document.querySelectorAll("form[data-selecting]")) watch(form);
}

function watch(form) {
  const boxes = () => [...form.querySelectorAll("tbody input[type=checkbox]")];
  const label = form.querySelector("[data-choose-all]");
  const all = label?.querySelector("input");
  const show = () => {
    const chosen = boxes().filter((box) => box.checked).length;
    for (const place of form.querySelectorAll("[data-chosen]")) place.textContent = chosen ? ` (${chosen})` : "";
    // Not disabled, so that it keeps its place for the keyboard and can say what it waits for.
    for (const button of form.querySelectorAll("[data-needs-chosen]")) button.ariaDisabled = String(!chosen);
    if (!all) return;
    all.checked = chosen > 0 && chosen === boxes().length;
    all.indeterminate = chosen > 0 && !all.checked;
  };
  if (label) label.hidden = boxes().length < 2;
  all?.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    show();
  });
  form.addEventListener("change", show);
  show();
}
