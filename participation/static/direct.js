/* The live screen: each gesture is kept in this device at once, shown at once, and sent when there is a network.
   Without this script the same forms are sent one by one. Words: templates/live/direct.html. */
(function () {
  "use strict";

  const root = document.getElementById("direct");
  const queue = window.file;
  if (!root || !queue) { return; }
  const text = root.dataset, meeting = text.rencontre;
  const status = document.getElementById("direct-statut");
  const one = (selector, place) => (place || root).querySelector(selector);
  const all = (selector, place) => Array.from((place || root).querySelectorAll(selector));
  const FEW = 15; // below so many residents, no age is shown (live/counts.py)
  let known = JSON.parse(text.connu), pending = [], entering = [];

  const current = () => window.gestes(known, pending);

  /* What is on the screen. */

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

  function show() {
    const state = current();
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

  function make(template, id) {
    const line = template.content.firstElementChild.cloneNode(true);
    [line].concat(all("*", line)).forEach(function (part) {
      Array.from(part.attributes).forEach(function (attribute) {
        if (attribute.value.indexOf("__id__") >= 0) { attribute.value = attribute.value.split("__id__").join(id); }
      });
    });
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

  /* Recording. */

  const NEEDED = { avis: "texte", avis_change: "texte", decision: "texte", point_ajoute: "titre", proposition: "titre", institution: "nom", photo: "description" };
  const NUMBERS = ["arrivee", "compte", "mains"];
  const NOT_DATA = ["csrf_token", "cle", "genre", "ancre", "echeance_date", "photo"];

  function event(form, button) {
    const data = {};
    Array.from(new FormData(form).entries()).forEach(function (field) {
      if (NOT_DATA.indexOf(field[0]) < 0 && typeof field[1] === "string") { data[field[0]] = field[1].trim(); }
    });
    if (button && button.name) { data[button.name] = button.value; }
    const other = form.elements.echeance_date;
    if (other && !data.echeance) { data.echeance = other.value; }
    if (data.n !== undefined) { data.n = Number(data.n); }
    return { id: queue.random(), rencontre: meeting, genre: form.dataset.evenement, quand: new Date().toISOString(), le: Date.now(), donnees: data };
  }

  function fault(event) {
    const needed = NEEDED[event.genre];
    if (needed && !event.donnees[needed]) { return text.vide; }
    if (NUMBERS.indexOf(event.genre) >= 0 && !event.donnees.n) { return text.combien; }
    return "";
  }

  async function record(form, button) {
    const made = event(form, button);
    const wrong = fault(made);
    say(wrong);
    if (wrong) {
      const field = form.querySelector("textarea, input:not([type=hidden])");
      if (field) { field.focus(); }
      return;
    }
    if (form.elements.photo && !await addPhoto(made, form)) { return; }
    const part = form.closest(".live-part, .live"), held = form.contains(document.activeElement);
    entering.push(made);
    pending.push(made);
    const writing = queue.keep(made);
    show(); // before the disk has it: a tap is answered at once, and taken back on the screen should the disk refuse
    clear(form);
    if (held) { keepFocus(part, form); }
    say(spoken(made, form));
    try {
      await writing;
    } catch (error) {
      pending = pending.filter((row) => row !== made);
      giveBack(form, made.donnees);
      show();
      say(text.perdu, true);
      return;
    } finally {
      entering = entering.filter((row) => row !== made);
    }
    if (made.genre === "avis") { tellCode(made.donnees.code); }
    queue.shared(meeting);
    queue.soon();
  }

  /* The photo as it is sent; false where there is none, or where the last one is still being made smaller. */
  async function addPhoto(made, form) {
    const file = form.elements.photo.files[0];
    if (!file) { form.elements.photo.focus(); say(text.vide); return false; }
    if (form.dataset.occupe) { return false; }
    form.dataset.occupe = "1";
    made.fichier = await smaller(file);
    made.type = "image/jpeg";
    delete form.dataset.occupe;
    return true;
  }

  /* What could not be kept is typed again, by us. */
  function giveBack(form, data) {
    Object.keys(data).forEach(function (name) {
      const field = form.elements[name];
      if (field && field.type !== "hidden" && "value" in field && !field.value) { field.value = data[name]; }
    });
  }

  const named = (place) => place.textContent.trim();

  /* What a tap did, in words that differ from the last: a status that stays the same is not read out again. */
  function spoken(made, form) {
    if (made.genre === "arrivee") { return named(one("[data-etat=habitants]")) + " " + text.presents; }
    if (made.genre === "compte") {
      const name = "compte-" + made.donnees.champ;
      return named(document.getElementById(name)) + " : " + named(one("[data-etat=" + name + "]"));
    }
    if (made.genre === "mains") { return text.mainsLevees + " " + named(one("[data-champ=mains]", form.closest("li"))); }
    return status.textContent === text.garde ? text.gardeAussi : text.garde;
  }

  /* Where the tapped button is gone, the focus goes to the next thing to do of the same part, else to its title. */
  function keepFocus(part, form) {
    const now = document.activeElement;
    if (now && now !== document.body && now.getClientRects().length) { return; }
    const line = form.closest("li");
    const next = line && line.isConnected && all("button, summary", line).find((button) => button.getClientRects().length);
    const title = one("h2", part) || one("h1");
    title.tabIndex = -1;
    (next || title).focus({ preventScroll: true });
  }

  function say(sentence, loud) {
    status.textContent = sentence;
    status.classList.toggle("unseen", !loud && sentence !== text.vide && sentence !== text.combien);
  }

  function clear(form) {
    const kept = form.contains(document.activeElement) && form.querySelector("textarea");
    if (["avis_change", "note", "arrivee", "compte", "mains"].indexOf(form.dataset.evenement) < 0) { form.reset(); }
    all("input[type=number]", form).forEach((input) => { input.value = ""; });
    const written = all("textarea[id], input[id]", form).filter((input) => input.id in drafts);
    written.forEach((input) => { delete drafts[input.id]; });
    if (written.length) { queue.set("brouillon:" + meeting, drafts).catch(() => 0); }
    if (kept && form.dataset.evenement === "avis") { kept.focus({ preventScroll: true }); }
  }

  /* The code goes to the person, who can follow what becomes of her words. */
  function tellCode(code) {
    const place = one("[data-etat=code]");
    place.hidden = !code;
    place.textContent = code ? text.code + " " + code.split("-").join(" ") : "";
  }

  /* A photo of a paperboard needs no more; what the phone wrote in it stays in the phone. */
  async function smaller(file) {
    try {
      const picture = await createImageBitmap(file);
      const ratio = Math.min(1, 1280 / Math.max(picture.width, picture.height));
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(picture.width * ratio);
      canvas.height = Math.round(picture.height * ratio);
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.75));
      return new Response(blob).arrayBuffer();
    } catch (error) {
      return new Response(file).arrayBuffer();
    }
  }

  root.addEventListener("submit", function (submitted) {
    const form = submitted.target;
    if (!form.dataset.evenement) { return; }
    submitted.preventDefault();
    const button = submitted.submitter || pressed;
    record(form, button && button.form === form ? button : null).catch(() => say(text.perdu, true));
  });
  let pressed; // for browsers that do not say which button sent the form
  root.addEventListener("click", (click) => { pressed = click.target.closest("button"); });

  /* What is typed and not kept yet survives a crash. */

  let drafts = {}, writing;

  root.addEventListener("input", function (input) {
    const field = input.target;
    if (!field.id || field.type === "file" || field.type === "radio") { return; }
    if (field.value) { drafts[field.id] = field.value; } else { delete drafts[field.id]; }
    clearTimeout(writing);
    writing = setTimeout(() => queue.set("brouillon:" + meeting, drafts).catch(() => 0), 500);
  });

  async function restore() {
    drafts = await queue.setting("brouillon:" + meeting) || {};
    Object.keys(drafts).forEach(function (id) {
      const field = document.getElementById(id);
      if (field && !field.value) { field.value = drafts[id]; }
    });
  }

  /* The screen follows the queue, the server and the other tabs. */

  async function refresh() {
    const { attend, valeur } = await queue.look("vu:" + meeting, meeting);
    if (valeur && valeur.etat.nombre >= known.nombre) { known = valeur.etat; }
    pending = attend.concat(entering.filter((made) => !attend.some((row) => row.id === made.id)));
    show();
  }

  async function ask() {
    if (!navigator.onLine) { return; }
    try {
      const answer = await fetch(text.etatAdresse, { headers: { "X-Appareil": "ecran" }, credentials: "same-origin", redirect: "error" });
      const state = answer.ok && await answer.json();
      if (state && state.nombre >= known.nombre && !(await queue.waiting(meeting)).length) {
        known = state;
        await queue.set("vu:" + meeting, { etat: state, le: Date.now() });
        show();
      }
    } catch (error) { /* no network: what is known stays */ }
  }

  queue.listen(queue.calmly(() => refresh()));
  document.addEventListener("visibilitychange", () => document.hidden || ask());
  all(".live-bar a[href^='#']").forEach(function (link) {
    link.addEventListener("click", function (click) {
      click.preventDefault();
      const field = document.getElementById(link.hash.slice(1));
      field.scrollIntoView({ block: "center" });
      field.focus();
    });
  });
  if (navigator.wakeLock) {
    const awake = () => document.hidden || navigator.wakeLock.request("screen").catch(() => 0);
    document.addEventListener("visibilitychange", awake);
    awake();
  }
  refresh().then(restore).then(ask).then(queue.again).catch(() => say(text.perdu, true));
}());
