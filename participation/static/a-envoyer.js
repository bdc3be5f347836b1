/* What waits in this device: each item and its state; send now, save to a file, delete. Words: templates/live/queue.html. */
(function () {
  "use strict";

  const root = document.getElementById("a-envoyer");
  const queue = window.file;
  if (!root || !queue) { return; }
  const text = root.dataset;
  const kinds = JSON.parse(text.genres);
  const place = root.querySelector("ol");
  const template = document.getElementById("modele-attente");
  const next = root.querySelector("#ensuite"), nextTemplate = document.getElementById("modele-suite");
  const status = document.getElementById("a-envoyer-statut");

  function state(row) {
    if (row.refus) { return text.refuse + " " + row.refus; }
    if (row.vieux) { return text.vieux; }
    return queue.state.connexion ? text.connexion : text.attend;
  }

  function words(row) {
    const data = row.donnees;
    if (row.genre === "habitant") { return ""; } // a resident's own words are not for who holds the device next
    return data.texte || data.titre || data.nom || data.description || (data.n > 0 ? "+" + data.n : data.n) || "";
  }

  function line(row) {
    const made = template.content.firstElementChild.cloneNode(true);
    const put = (name, value) => { made.querySelector("[data-champ=" + name + "]").textContent = value; };
    put("genre", kinds[row.genre] || row.genre);
    put("mots", words(row));
    put("heure", new Date(row.quand).toLocaleString("fr-FR", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }));
    put("etat", state(row));
    made.querySelector("[data-fait=encore]").hidden = !row.refus && !row.vieux;
    made.querySelector("[data-fait=encore]").onclick = () => queue.retry(row);
    made.querySelector("[data-fait=supprimer]").onclick = () => window.confirm(text.sur) && queue.drop(row.id);
    return made;
  }

  /* What the person wants to do next comes last: it opens once the notes of its meeting are sent (suite.js). */
  function nextLine(wish, rows) {
    const made = nextTemplate.content.firstElementChild.cloneNode(true);
    const put = (name, value) => { made.querySelector("[data-champ=" + name + "]").textContent = value; };
    const left = rows.some((row) => row.rencontre === wish.rencontre);
    put("mots", wish.titre);
    put("etat", left ? text.suiteAttend : text.suitePrete);
    made.querySelector("a").href = wish.adresse;
    made.querySelector("a").hidden = left;
    made.querySelector("button").onclick = () => queue.forget(queue.wishName(wish.rencontre)).then(show);
    return made;
  }

  async function show() {
    const rows = await queue.waiting(), wishes = await queue.wishes();
    place.textContent = next.textContent = "";
    rows.forEach((row) => place.appendChild(line(row)));
    wishes.forEach((wish) => next.appendChild(nextLine(wish, rows)));
    root.querySelectorAll("[data-si=rien]").forEach((part) => { part.hidden = rows.length > 0; });
    root.querySelectorAll("[data-si=attente]").forEach((part) => { part.hidden = rows.length === 0; });
    root.querySelectorAll("[data-si=connexion]").forEach((part) => { part.hidden = !queue.state.connexion; });
  }

  function base64(buffer) {
    let text = "";
    new Uint8Array(buffer).forEach((byte) => { text += String.fromCharCode(byte); });
    return btoa(text);
  }

  /* A way out that needs neither us nor the network: another device can send the file (live/saved.py). */
  async function save() {
    const rows = (await queue.waiting()).map(function (row) {
      const kept = Object.assign({}, row, row.fichier ? { photo: base64(row.fichier) } : {});
      delete kept.fichier;
      return kept;
    });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify({ evenements: rows }, null, 1)], { type: "application/json" }));
    link.download = "rencontre-a-envoyer.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 6e4);
  }

  const ACTS = {
    envoyer: async function () {
      await queue.again();
      status.textContent = (await queue.waiting()).length ? text.encore : text.parti;
    },
    fichier: save,
    effacer: async function () {
      if (window.confirm(text.surTout)) { await queue.wipe(); await show(); status.textContent = text.efface; }
    },
  };
  root.addEventListener("click", function (click) {
    const button = click.target.closest("[data-tout]");
    if (button) { ACTS[button.dataset.tout]().catch(() => 0); }
  });
  queue.listen(() => show().catch(() => 0));
  show().catch(() => 0);
}());
