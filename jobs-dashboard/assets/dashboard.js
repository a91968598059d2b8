// What is easier with a script, and can be done without: all rows are chosen at once, menus close by
// themselves, what is chosen in a strip is in sight, and the filter is folded for want of room only.
"use strict";

(() => {
  // The box is of no use without this script, and hidden as long.
  function show() {
    document.querySelectorAll("[data-choose-all], [data-choose-all-label]").forEach((part) => { part.hidden = false; });
  }

  function centre(strip) {
    const here = strip.querySelector("[aria-current]");
    if (here) strip.scrollLeft = here.offsetLeft - strip.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
  }

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-choose-all]")) return;
    document.querySelectorAll("[data-choose]").forEach((box) => { box.checked = event.target.checked; });
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });

  // The style sheet unfolds it where there is room; older browsers cannot do that.
  const wide = matchMedia("(min-width: 761px)");
  function unfold() {
    document.querySelectorAll(".fold").forEach((fold) => { fold.open = wide.matches || "used" in fold.dataset; });
  }

  show();
  unfold();
  wide.addEventListener("change", unfold);
  document.addEventListener("jobs:fresh", show);
  // It is told of the width at the beginning as well.
  const widths = new ResizeObserver((strips) => strips.forEach(({ target }) => centre(target)));
  document.querySelectorAll("[data-strip]").forEach((strip) => widths.observe(strip));
})();
