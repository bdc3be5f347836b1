/* What is on the live screen: its places, its lists, and what a line of them says. Words: templates/live/direct.html. */
(function () {
  "use strict";

  const root = document.getElementById("direct");
  if (!root) { return; }
  const text = root.dataset;
  const one = (selector, place) => (place || root).querySelector(selector);
  const all = (selector, place) => Array.from((place || root).querySelectorAll(selector));
  const FEW = 15; // below so many residents, no age is shown (live/counts.py)

  /* The places outside of lists never change; what is there already is not written again, which would cost a phone more. */
  const places = inventory("etat"), parts = inventory("si"), shown = new WeakMap();

  function inventory(kind) {
    const found = {};
    all("[data-" + kind + "]").filter((place) => !place.closest("li")).forEach(function (place) {
      const name = place.dataset[kind];
      found[name] = (found[name] || []).concat(place);
    });
    return found;
  }

  function write(place, value) {
    if (place.textContent !== String(value)) { place.textContent = value; }
  }
  const put = (name, value) => (places[name] || []).forEach((place) => write(place, value));
  const when = (name, is) => (parts[name] || []).forEach((part) => { if (part.hidden === Boolean(is)) { part.hidden = !is; } });
  const undone = all("[data-si=derniere-arrivee] [name=evenement]");
  const points = all("form[data-evenement=avis] [name=point]");

  /* `state`: what gestes.js makes of what is known and of what waits. */
  function show(state) {
    const few = (state.habitants || 0) < FEW;
    put("habitants", state.habitants || 0);
    Object.keys(places).forEach(function (name) {
      if (name.indexOf("tranche-") === 0) { put(name, few ? "" : state.tranches[name.slice(8)] || 0); }
      if (name.indexOf("compte-") === 0) {
        const value = state.comptes[name.slice(7)];
        put(name, value === undefined ? text.nonCompte : value);
      }
    });
    when("commence", state.commence);
    when("pas-commence", !state.commence);
    when("termine", state.termine);
    when("pas-termine", !state.termine);
    const last = state.arrivees[state.arrivees.length - 1];
    when("derniere-arrivee", last);
    undone.forEach((input) => { input.value = last ? last.id : ""; });
    put("avis-nombre", state.avis.length);
    put("decisions-nombre", state.decisions.length);
    const item = state.points.find((point) => point.courant);
    points.forEach((input) => { input.value = item ? item.ref : ""; });
    list("avis", state.avis.slice().reverse(), fillOpinion);
    list("points", state.points.map((point) => Object.assign(point, { id: point.id || point.ref })), fillItem, "point");
    list("decisions", state.decisions, fillDecision, "decision");
    list("institutions", state.institutions.map((name) => ({ id: name, nom: name })), fillName, "institution");
    list("photos", state.photos, fillPhoto, "photo");
  }

  /* Bring a list to what it should hold; a line that stays keeps its place, its open parts and what is typed in it. */
  function list(name, rows, fill, model) {
    const place = one("[data-etat=" + name + "]");
    const template = document.getElementById("modele-" + (model || name));
    const there = {};
    Array.from(place.children).forEach((line) => { there[line.dataset.evenementId] = line; });
    rows.forEach(function (row, index) {
      const line = there[row.id] || make(template, row.id);
      delete there[row.id];
      if (place.children[index] !== line) { place.insertBefore(line, place.children[index] || null); }
      const content = JSON.stringify(row);
      if (shown.get(line) !== content) { fill(line, row); shown.set(line, content); }
    });
    Object.keys(there).forEach((id) => there[id].remove());
  }

  /* A line of each kind is made before it is needed, with the places where its number goes: a tap waits for less. */
  const ready = {};

  function prepare(template) {
    if (ready[template.id]) { return; }
    const line = template.content.firstElementChild.cloneNode(true), gaps = [];
    [line].concat(all("*", line)).forEach(function (part) {
      Array.from(part.attributes).forEach(function (attribute) {
        if (attribute.value.indexOf("__id__") >= 0) { gaps.push({ part: part, name: attribute.name, value: attribute.value.split("__id__") }); }
      });
    });
    ready[template.id] = { line: line, gaps: gaps };
  }

  function make(template, id) {
    prepare(template);
    const { line, gaps } = ready[template.id];
    delete ready[template.id];
    setTimeout(prepare, 500, template);
    gaps.forEach((gap) => gap.part.setAttribute(gap.name, gap.value.join(id)));
    return line;
  }

  function words(line, name, value) { all("[data-champ='" + name + "']", line).forEach((place) => { place.textContent = value || ""; }); }
  function if_(line, name, is) { all("[data-si='" + name + "']", line).forEach((part) => { part.hidden = !is; }); }
  function typed(line, name, value) {
    all("[data-valeur='" + name + "']", line).forEach(function (input) {
      if (input !== document.activeElement && input.dataset.connu === undefined || input.dataset.connu !== value) {
        if (input === document.activeElement) { return; }
        input.value = value || "";
        input.dataset.connu = value || "";
      }
    });
  }

  function fillOpinion(line, row) {
    const quote = one("blockquote", line);
    quote.textContent = row.texte;
    if (row.langue) { quote.lang = row.langue; }
    const theme = row.theme && document.querySelector("label[for='theme-" + row.theme + "']");
    words(line, "theme", theme ? theme.textContent : "");
    words(line, "carte", row.carte);
    if_(line, "carte", row.carte);
    if_(line, "attend", row.attend);
    if_(line, "proposition", row.proposition);
    if_(line, "sans-proposition", !row.proposition);
    typed(line, "texte", row.texte);
    typed(line, "titre", row.texte.slice(0, 120));
    if (row.proposition) {
      words(line, "proposition", row.proposition.titre);
      words(line, "mains", row.proposition.mains === null ? text.mains : String(row.proposition.mains));
      all("[name=proposition]", line).forEach((input) => { input.value = row.proposition.id; });
    }
  }

  function fillItem(line, row) {
    words(line, "titre", row.titre);
    if_(line, "courant", row.courant);
    if_(line, "pas-courant", !row.courant);
    if (row.courant) { line.setAttribute("aria-current", "step"); } else { line.removeAttribute("aria-current"); }
    typed(line, "note", row.note || "");
  }

  function fillDecision(line, row) {
    words(line, "texte", row.texte);
    ["responsable", "reponse_de"].forEach(function (name) { words(line, name, row[name]); if_(line, name, row[name]); });
    const day = row.echeance && new Date(row.echeance + "T12:00:00");
    words(line, "echeance", day ? day.toLocaleDateString("fr-FR", { day: "numeric", month: "long", year: "numeric" }) : "");
    if_(line, "echeance", row.echeance);
    if_(line, "attend", row.attend);
  }

  function fillName(line, row) { words(line, "nom", row.nom); }
  function fillPhoto(line, row) { words(line, "description", row.description); if_(line, "attend", row.attend); }

  setTimeout(() => all("template").forEach(prepare), 1000);
  window.ecran = { one, all, show };
}());
