// The 7 × 24 grid of a custom window: native checkboxes that can also be painted with the mouse, a finger or the arrows.

const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -24, ArrowDown: 24 };

export function watchWeekGrids() {
  for (const grid of document.querySelectorAll("[data-week-grid]")) watch(grid);
}

function watch(grid) {
  const cells = [...grid.querySelectorAll("input")];
  const sum = document.querySelector("[data-grid-sum]");
  const changed = () => {
    const open = cells.filter((cell) => cell.checked).length;
    sum.textContent = `${open} of 168 hours a week`;
  };
  const paint = (some, on) => {
    const different = some.filter((cell) => cell.checked !== on);
    for (const cell of different) cell.checked = on;
    if (different.length) different[0].dispatchEvent(new Event("change", { bubbles: true }));
  };
  watchKeys(grid, cells, paint);
  watchPointer(grid, paint);
  watchHeads(grid, cells, paint);
  grid.addEventListener("change", changed);
  changed();
}

// One cell is in the tab order at a time; the arrows move it, and paint with Shift held.
function watchKeys(grid, cells, paint) {
  const enter = (cell) => {
    for (const other of cells) other.tabIndex = other === cell ? 0 : -1;
  };
  enter(cells.find((cell) => cell.checked) ?? cells[0]);
  grid.addEventListener("focusin", (event) => {
    if (event.target.matches("input")) enter(event.target);
  });
  grid.addEventListener("keydown", (event) => {
    const here = cells.indexOf(event.target);
    const move = MOVES[event.key];
    if (here < 0 || move === undefined) return;
    event.preventDefault();
    const there = here + move;
    // Left and right stay within the day.
    const leavesDay = Math.abs(move) === 1 && Math.floor(there / 24) !== Math.floor(here / 24);
    if (leavesDay || !cells[there]) return;
    if (event.shiftKey) paint([cells[there]], cells[here].checked);
    cells[there].focus();
  });
}

// Pressing on a cell decides whether the stroke paints or wipes; moving over others goes on with it.
function watchPointer(grid, paint) {
  let stroke = null;
  grid.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch" || event.button !== 0 || !event.target.matches("input")) return;
    stroke = { on: !event.target.checked, first: event.target };
  });
  grid.addEventListener("pointerover", (event) => {
    if (!stroke || !event.target.matches("input") || event.target === stroke.first) return;
    paint([stroke.first, event.target], stroke.on);
    stroke.moved = true;
  });
  // After a stroke the browser may still send a click to the first cell, which would undo it.
  grid.addEventListener("click", (event) => {
    if (stroke?.moved && event.detail) event.preventDefault();
    stroke = null;
  });
  document.addEventListener("pointerup", () => setTimeout(() => { stroke = null; }));
}

function watchHeads(grid, cells, paint) {
  grid.addEventListener("click", (event) => {
    const head = event.target.closest("button");
    if (!head) return;
    const some = cells.filter((_, number) =>
      head.dataset.day !== undefined
        ? Math.floor(number / 24) === Number(head.dataset.day)
        : number % 24 === Number(head.dataset.hour),
    );
    paint(some, !some.every((cell) => cell.checked));
  });
}
