/* « Mes rencontres »: how much of each meeting this phone still holds, with the way to it. Nothing is there without it, nor
   where nothing waits. Words: templates/planning/_kept_here.html. */
(function () {
  "use strict";

  const place = document.getElementById("reste-ici");
  const queue = window.file;
  if (!place || !queue) { return; }
  const text = place.dataset, list = place.querySelector("ul");

  function line(words, title) {
    const made = document.createElement("li"), name = document.createElement("bdi");
    name.textContent = title;
    made.appendChild(name);
    made.appendChild(document.createTextNode(" : " + words));
    return made;
  }

  const count = (n) => (n > 1 ? text.plusieurs : text.un).replace("{n}", n);

  /* The name of a meeting, where the page has it: a device keeps none but its reference. */
  function titled(ref) {
    const link = document.querySelector("main a[href$='/rencontres/" + CSS.escape(ref) + "']");
    return link ? link.textContent.trim() : ref;
  }

  async function show() {
    const rows = await queue.waiting(), wishes = await queue.wishes();
    const left = {};
    rows.forEach((row) => { left[row.rencontre] = (left[row.rencontre] || 0) + 1; });
    const lines = Object.keys(left).map((ref) => line(count(left[ref]), titled(ref)))
      .concat(wishes.map((wish) => line(text.suite, wish.titre)));
    list.textContent = "";
    lines.forEach((made) => list.appendChild(made));
    place.hidden = !lines.length;
  }

  queue.listen(queue.calmly(show));
  show().catch(() => 0);
}());
