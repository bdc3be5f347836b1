/* The kiosk: one screen after the other in a resident's hands. What she says is kept in this device with the rest of the
   meeting and leaves with it (file.js); her five words come from the device's reserve. Words: templates/live/kiosk.html. */
(function () {
  "use strict";

  const root = document.getElementById("borne");
  const queue = window.file;
  if (!root || !queue) { return; }
  const text = root.dataset, meeting = text.rencontre;
  const form = document.getElementById("parole");
  const status = document.getElementById("borne-statut");
  const title = document.querySelector("h1"), asked = document.getElementById("borne-question");
  const choose = document.getElementById("borne-choisir");
  const screens = Array.from(root.querySelectorAll("[data-ecran]"));
  const questions = Array.from(root.querySelectorAll("[data-question]"));
  const first = questions.length > 1 ? "questions" : "moyens";
  const FILES = { parler: ["enregistrement", "voix"], photo: ["photo", "photo"] };
  const reserved = window.reserver(meeting, text.codes).catch(() => 0); // without a network: those reserved before
  let question = questions[0].dataset.question, way = "ecrire", busy = false;

  /* The focus goes to what is new, so that a screen reader begins there. */
  function show(name) {
    reveal(name);
    const shown = screens.find((screen) => !screen.hidden);
    const place = name === "avis" ? Array.from(form.elements).find((field) => field.getClientRects().length) : shown.querySelector("h2") || title;
    if (place === title) { title.tabIndex = -1; }
    place.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }

  function reveal(name) {
    screens.forEach((screen) => { screen.hidden = screen.dataset.ecran !== name; });
    choose.hidden = name !== "questions";
    asked.hidden = name === "questions";
    asked.textContent = question;
    status.textContent = "";
  }

  function ask(chosen) {
    way = chosen;
    form.reset();
    form.ready = null;
    form.querySelectorAll("[data-moyens]").forEach((part) => { part.hidden = part.dataset.moyens.split(" ").indexOf(way) < 0; });
    show("avis");
  }

  function event(data) {
    return { id: queue.random(), rencontre: meeting, genre: "habitant", quand: new Date().toISOString(), le: Date.now(), donnees: data };
  }

  async function made() {
    const fields = form.elements;
    const data = { texte: way === "parler" ? "" : fields.texte.value.trim(), lecture: fields.lecture.value, langue: fields.langue.value };
    if (!text.parDefaut) { data.question = question; }
    const one = event(data), file = FILES[way] && fields[FILES[way][0]].files[0];
    if (file) {
      data.fichier = FILES[way][1];
      one.fichier = await new Response(file).arrayBuffer();
      one.type = file.type;
    }
    return one;
  }

  async function send() {
    await Promise.resolve(form.ready).catch(() => 0); // a recording that ends, a photo being made smaller
    const one = await made();
    if (!one.donnees.texte && !one.fichier) {
      status.textContent = JSON.parse(text.vides)[way];
      form.querySelector("[data-moyens~=" + way + "] textarea, [data-moyens~=" + way + "] input, [data-moyens~=" + way + "] button").focus();
      return;
    }
    await Promise.race([reserved, new Promise((resolve) => setTimeout(resolve, 5000))]); // else she would have no code
    await queue.keep(one);
    form.reset(); // whoever comes next sees nothing of it
    await thank(one.donnees.code);
    queue.shared(meeting);
    queue.soon();
  }

  async function thank(code) {
    root.querySelector("[data-si=code]").hidden = !code;
    root.querySelector("[data-si=pas-de-code]").hidden = Boolean(code);
    const words = root.querySelector(".code-words"), drawing = root.querySelector(".code-drawing");
    words.textContent = drawing.textContent = "";
    (code || "").split("-").filter(Boolean).forEach(function (word) {
      words.appendChild(document.createElement("li")).textContent = word;
    });
    const drawn = code && (await queue.setting("dessins:" + meeting) || {})[code];
    drawing.hidden = !drawn;
    if (drawn) { drawing.appendChild(draw(drawn[0], drawn[1])); }
    show("merci");
  }

  /* The QR of qr.modules: `size` modules a side, dark where a bit is set, with a margin of four. */
  function draw(size, hex) {
    const bits = Array.from(hex, (digit) => parseInt(digit, 16).toString(2).padStart(4, "0")).join("").slice(-size * size);
    const path = Array.from(bits, (bit, at) => bit === "1" ? "M" + (at % size + 4) + " " + (Math.floor(at / size) + 4) + "h1v1h-1z" : "");
    const picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    picture.setAttribute("viewBox", "0 0 " + (size + 8) + " " + (size + 8));
    picture.setAttribute("class", "qr");
    const dark = document.createElementNS("http://www.w3.org/2000/svg", "path");
    dark.setAttribute("d", path.join(""));
    picture.appendChild(dark);
    return picture;
  }

  function finish() {
    root.querySelector(".code-words").textContent = "";
    root.querySelector(".code-drawing").textContent = "";
    question = questions[0].dataset.question;
    show(first);
  }

  root.addEventListener("click", function (click) {
    const link = click.target.closest("a[href^='#']");
    if (!link) { return; }
    click.preventDefault();
    if (link.dataset.question) { question = link.dataset.question; show("moyens"); }
    else if (link.dataset.moyen) { ask(link.dataset.moyen); }
    else if (link.dataset.vers === "fin") { finish(); }
    else { form.reset(); show(first); }
  });
  form.addEventListener("submit", function (submitted) {
    submitted.preventDefault();
    if (busy) { return; }
    busy = true;
    send().catch(() => { status.textContent = text.perdu; }).then(() => { busy = false; });
  });

  root.hidden = false;
  reveal(first);
}());
