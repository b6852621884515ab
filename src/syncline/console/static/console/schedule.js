// In a row of the Scheduled Sync Settings, "Specific time" is offered only where it can be, and its inputs only with it.

export function watchScheduleRows() {
  for (const row of document.querySelectorAll("[data-schedule-row]")) {
    const interval = row.querySelector("[data-interval]");
    const window_ = row.querySelector("[data-window]");
    if (!interval || !window_) continue;
    const fit = () => fitRow(row, interval, window_);
    interval.addEventListener("change", fit);
    window_.addEventListener("change", fit);
    fit();
  }
}

function fitRow(row, interval, window_) {
  const followsCalendar = interval.value === "1d" || interval.value === "1w";
  const specific = window_.querySelector('option[value="specific"]');
  specific.disabled = !followsCalendar;
  specific.textContent = followsCalendar ? "Specific time" : "Specific time (only once a day or week)";
  if (!followsCalendar && window_.value === "specific") window_.value = "any";
  const isSpecific = window_.value === "specific";
  show(row.querySelector("[data-specific]"), isSpecific);
  show(row.querySelector("[data-weekday]"), isSpecific && interval.value === "1w");
}

// Hidden inputs are switched off too, so that they are not sent.
function show(box, visible) {
  box.hidden = !visible;
  for (const input of box.querySelectorAll("input, select")) {
    input.disabled = !visible || input.closest("[hidden]") !== null;
  }
}
