/* The room's screen asks for the published opinions every few seconds, and stops when the meeting is over. */
(function () {
  "use strict";

  const page = document.getElementById("salle");
  const cut = document.getElementById("salle-coupe");
  if (!page || !window.fetch) { return; }
  const pause = Number(page.dataset.secondes) * 1000;
  let faults = 0;

  function put(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("salle-avis");
    const shown = document.getElementById("salle-avis");
    if (!fresh) { throw new Error("no opinions in the answer"); }
    if (fresh.outerHTML !== shown.outerHTML) { shown.replaceWith(document.adoptNode(fresh)); }
    return fresh.hasAttribute("data-fini");
  }

  async function ask() {
    let over = false;
    try {
      const answer = await fetch(page.dataset.adresse, { headers: { "X-Requested-With": "fetch" }, cache: "no-cache" });
      if (!answer.ok) { throw new Error(String(answer.status)); }
      over = put((await answer.json()).avis);
      faults = 0;
    } catch (_fault) {
      faults += 1;
    }
    cut.textContent = faults > 1 ? page.dataset.coupe : "";
    if (over) { document.querySelector(".room-code").remove(); return; }
    setTimeout(ask, pause * Math.min(1 + faults, 6));
  }

  setTimeout(ask, pause);
}());
