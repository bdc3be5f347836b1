/* The pill that says what is sent: four states, read from the queue itself each time (templates/live/_pill.html). */
(function () {
  "use strict";

  const pill = document.getElementById("etat-envoi");
  const queue = window.file;
  if (!pill || !queue) { return; }
  const text = pill.dataset;

  async function show(state) {
    const rows = await queue.waiting();
    const stuck = rows.filter((row) => row.refus || row.vieux).length;
    const left = rows.length - stuck;
    const hour = state.heure || await queue.setting("heure");
    let said = hour ? text.toutHeure.replace("{heure}", hour) : text.tout;
    if (left && state.connexion) { said = text.connexion; }
    else if (left && state.envoi) { said = text.envoi.replace("{n}", state.parti).replace("{sur}", state.sur); }
    else if (left) { said = text.gardeIci.replace("{n}", left); }
    else if (stuck) { said = text.refus.replace("{n}", stuck); }
    pill.hidden = !rows.length && !hour;
    if (pill.textContent !== said) { pill.textContent = said; }
  }

  const again = () => show(queue.state).catch(() => 0);
  queue.listen(again);
  again();
}());
