/* Team pages only; everything works without it. A search box over a long list of check boxes. */
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

  function armAll(root) {
    Array.prototype.forEach.call(root.querySelectorAll("[data-filter]"), arm);
  }

  armAll(document);
  document.addEventListener("htmx:load", function (event) { armAll(event.target); });
}());
