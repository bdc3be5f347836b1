/* Team pages only; everything works without it. A search box over a long list of check boxes; words chosen in a text,
   written into the field that masks them. */
(function () {
  "use strict";

  function plain(text) {
    return text.toLowerCase().normalize("NFD").replace(/[\u0300-\u036f]/g, "");
  }

  function arm(box) {
    var list = document.getElementById(box.getAttribute("data-filter"));
    var input = box.querySelector("input");
    var count = box.querySelector("[role=status]");
    if (!list || !input || box.getAttribute("data-armed")) { return; }
    box.setAttribute("data-armed", "1");
    box.hidden = false;
    input.addEventListener("input", function () {
      var wanted = plain(input.value.trim());
      var shown = 0;
      Array.prototype.forEach.call(list.querySelectorAll(".option"), function (option) {
        var match = plain(option.textContent).indexOf(wanted) !== -1 || option.querySelector("input").checked;
        option.hidden = !match;
        if (match) { shown += 1; }
      });
      count.textContent = wanted ? String(shown) + " / " + String(list.querySelectorAll(".option").length) : "";
    });
    input.addEventListener("keydown", function (event) {
      if (event.key === "Enter") { event.preventDefault(); }
    });
  }

  function chosenIn(place) {
    var selection = window.getSelection();
    if (!selection || !selection.rangeCount || !place.contains(selection.anchorNode) || !place.contains(selection.focusNode)) { return ""; }
    return selection.toString().replace(/\s+/g, " ").trim();
  }

  function armMark(line) {
    var field = document.getElementById(line.getAttribute("data-mark"));
    var place = document.getElementById(line.getAttribute("data-in"));
    if (!field || !place || line.getAttribute("data-armed")) { return; }
    line.setAttribute("data-armed", "1");
    var words = "";
    document.addEventListener("selectionchange", function () {
      var chosen = chosenIn(place);
      if (!chosen && document.activeElement && line.contains(document.activeElement)) { return; }
      words = chosen;
      line.hidden = !words;
    });
    line.querySelector("button").addEventListener("click", function () {
      if (!words) { return; }
      field.value = field.value ? field.value.replace(/\n*$/, "\n") + words : words;
      var fold = field.closest(".fold-body");
      if (fold && fold.previousElementSibling) { fold.previousElementSibling.open = true; }
      line.hidden = true;
      field.focus();
    });
    line.addEventListener("pointerdown", function (event) { event.preventDefault(); });
  }

  function armAll(root) {
    Array.prototype.forEach.call(root.querySelectorAll("[data-mark]"), armMark);
    Array.prototype.forEach.call(root.querySelectorAll("[data-filter]"), arm);
  }

  armAll(document);
  document.addEventListener("htmx:load", function (event) { armAll(event.target); });
}());
