// What scrolls can be reached by keyboard, and each group of buttons at code has a name of its own.
document$.subscribe(() => {
  for (const scrolled of document.querySelectorAll(".md-typeset__scrollwrap, pre > code, .highlight-ipynb")) scrolled.tabIndex = 0;
  document.querySelector(".md-search")?.setAttribute("aria-label", "Search");
  // Cells of the tour are no stops of their own, unless they scroll; where one is, is seen.
  for (const cell of document.querySelectorAll(".jp-Cell-inputWrapper, .jp-OutputArea-output")) {
    if (cell.scrollWidth <= cell.clientWidth) cell.removeAttribute("tabindex");
  }
  document.querySelectorAll(".md-code__nav").forEach((group, number) => {
    group.setAttribute("aria-label", `Code ${number + 1}`);
  });
});
