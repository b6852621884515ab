// Forms marked data-unsaved know whether they differ from what was loaded, show it, and warn before the page is left.

export function watchUnsaved() {
  const forms = [...document.querySelectorAll("form[data-unsaved]")].map(watch);
  window.addEventListener("beforeunload", (event) => {
    if (forms.some((form) => form.isUnsaved())) event.preventDefault();
  });
}

function watch(form) {
  // A form that came back with choices that are not saved yet stays unsaved, whatever is typed.
  const cameBackUnsaved = form.classList.contains("is-unsaved");
  const loaded = contents(form);
  let leaving = false;
  const isUnsaved = () => !leaving && (cameBackUnsaved || contents(form) !== loaded);
  const show = () => {
    const unsaved = isUnsaved();
    form.classList.toggle("is-unsaved", unsaved);
    const discard = form.querySelector("[data-discard]");
    if (discard) discard.hidden = !unsaved;
  };
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  form.addEventListener("submit", () => { leaving = true; });
  form.querySelector("[data-discard]")?.addEventListener("click", () => { leaving = true; });
  show();
  return { isUnsaved };
}

function contents(form) {
  const pairs = [...new FormData(form)].filter(([name]) => name !== "csrfmiddlewaretoken");
  return JSON.stringify(pairs);
}
