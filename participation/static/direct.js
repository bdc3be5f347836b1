/* The live screen: each gesture is kept in this device at once, shown at once, and sent when there is a network.
   Without this script the same forms are sent one by one. What stands on the screen is drawn by ecran.js. */
(function () {
  "use strict";

  const root = document.getElementById("direct");
  const queue = window.file;
  if (!root || !queue) { return; }
  const { one, all } = window.ecran;
  const text = root.dataset, meeting = text.rencontre;
  const status = document.getElementById("direct-statut");
  let known = JSON.parse(text.connu), pending = [], entering = [];

  const show = () => window.ecran.show(window.gestes(known, pending));

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
    if (wrong) {
      say(wrong);
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
    say(spoken(made, form));
    if (held) { keepFocus(part, form); } // last, once nothing more is written: the page is laid out once
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

  /* After an opinion the next one is written; where the tapped button is gone, the focus goes to the next thing to do of
     the same part, else to its title. */
  function keepFocus(part, form) {
    const now = document.activeElement;
    const field = form.dataset.evenement === "avis" && form.querySelector("textarea");
    if (field) {
      if (now !== field) { field.focus({ preventScroll: true }); }
      return;
    }
    if (now && now !== document.body && !now.closest("[hidden]")) { return; }
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
    if (["avis_change", "note", "arrivee", "compte", "mains"].indexOf(form.dataset.evenement) < 0) { form.reset(); }
    all("input[type=number]", form).forEach((input) => { input.value = ""; });
    const written = all("textarea[id], input[id]", form).filter((input) => input.id in drafts);
    written.forEach((input) => { delete drafts[input.id]; });
    if (written.length) { queue.set("brouillon:" + meeting, drafts).catch(() => 0); }
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
