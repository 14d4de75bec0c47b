"use strict";
(() => {
  const clauses = [...document.querySelectorAll(".clause")];

  // Say how much a view shows, for those who do not see it change.
  const status = document.querySelector(".status");
  const views = [...document.querySelectorAll("input[name=show]")];
  const shown = () => clauses.filter((each) => getComputedStyle(each).display !== "none");
  const announce = () => {
    status.textContent = `${shown().length} of ${clauses.length} clauses shown`;
  };
  for (const view of views) view.addEventListener("change", announce);

  // Open what a link leads to, and leave a view that would hide it.
  const reveal = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.matches(".clause")) return;
    target.open = true;
    if (getComputedStyle(target).display === "none") {
      document.getElementById("show-all").click();
    }
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", reveal);
  reveal();

  // Open or close everything that is shown.
  const tools = document.querySelector(".tools");
  for (const [words, open] of [["Open all", true], ["Close all", false]]) {
    if (!tools) break;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = words;
    button.addEventListener("click", () => {
      for (const each of shown()) each.open = open;
    });
    tools.append(button);
  }

  // The end of an output is what matters first.
  const wind = (clause) => {
    for (const output of clause.querySelectorAll("pre")) output.scrollTop = output.scrollHeight;
  };
  for (const each of clauses) {
    wind(each);
    each.addEventListener("toggle", () => wind(each), { once: true });
  }

  // One tab stop for a frame's bytes and one for its fields; arrows go on from there.
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };
  for (const group of document.querySelectorAll(".hex, .fields tbody")) {
    const stops = [...group.querySelectorAll("[tabindex]")];
    stops.forEach((each, index) => { each.tabIndex = index ? -1 : 0; });
    group.addEventListener("keydown", (event) => {
      const at = stops.indexOf(event.target);
      if (at < 0 || !(event.key in step) || event.ctrlKey || event.altKey || event.metaKey) return;
      event.preventDefault();
      stops[Math.max(0, Math.min(stops.length - 1, at + step[event.key]))].focus();
    });
    group.addEventListener("focusin", (event) => {
      for (const each of stops) each.tabIndex = each === event.target ? 0 : -1;
    });
  }
})();
