/* The pill that says what is sent: four states, read from the queue itself each time (templates/live/_pill.html). */
(function () {
  "use strict";

  const pill = document.getElementById("etat-envoi");
  const queue = window.file;
  if (!pill || !queue) { return; }
  const text = pill.dataset;
  let left = 0, stuck = 0, hour = "";

  /* The pill never runs ahead of the disk nor of the server: what is being written is not sent, and not kept yet. */
  function show() {
    const state = queue.state, here = left || state.entrants;
    let said = hour ? text.toutHeure.replace("{heure}", hour) : text.tout;
    if (here && state.connexion) { said = text.connexion; }
    else if (here && state.envoi && !state.entrants) { said = text.envoi.replace("{n}", state.parti).replace("{sur}", state.sur); }
    else if (here) { said = text.gardeIci.replace("{n}", left); }
    else if (stuck) { said = text.refus.replace("{n}", stuck); }
    pill.hidden = !here && !stuck && !hour;
    if (pill.textContent !== said) { pill.textContent = said; }
  }

  async function read() {
    const { attend, valeur } = await queue.look("heure");
    hour = valeur;
    stuck = attend.filter((row) => row.refus || row.vieux).length;
    left = attend.length - stuck;
    show();
  }

  const calmly = queue.calmly(read);

  function again() {
    if (queue.state.entrants) { show(); }
    calmly();
  }

  pill.closest("[role=status]").setAttribute("aria-atomic", "false"); // only what changed is read out
  queue.listen(again);
  again();
}());
