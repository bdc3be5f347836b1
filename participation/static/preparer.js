/* « Préparer hors réseau »: keep the live screens, reserve codes, then try each address with the network shut out.
   « Prêt » is said only where every one answered. Words: templates/live/prepare.html. */
(function () {
  "use strict";

  const root = document.getElementById("preparer");
  const queue = window.file;
  if (!root) { return; }
  const text = root.dataset, meeting = text.rencontre;
  const addresses = JSON.parse(text.adresses);
  const button = root.querySelector("button");
  const states = Array.from(document.querySelectorAll("#preparer-etats [data-etat]"));
  const DAYS = 7;

  function say(name, values) {
    states.forEach(function (part) {
      part.hidden = part.dataset.etat !== name;
      Object.keys(values || {}).forEach(function (key) {
        part.querySelectorAll("[data-champ=" + key + "]").forEach((place) => { place.textContent = values[key]; });
      });
    });
  }

  /* Whether each address answers with no network at all: the worker is asked to use none. */
  async function works() {
    const answers = await Promise.all(addresses.map((address) =>
      fetch(address, { headers: { "X-Sans-Reseau": "1" }, credentials: "same-origin" }).catch(() => null)));
    return answers.every((answer) => answer && answer.ok);
  }

  const day = (moment) => new Date(moment).toLocaleDateString("fr-FR", { day: "numeric", month: "long" });
  const hour = (moment) => new Date(moment).toLocaleTimeString("fr-FR", { hour: "2-digit", minute: "2-digit" });

  async function tell() {
    const ready = await queue.setting("pret:" + meeting);
    const codes = await queue.setting("codes:" + meeting) || [];
    if (!ready || Date.now() > ready + DAYS * 864e5) { say("a-faire"); return false; }
    if (!navigator.serviceWorker.controller || !await works()) { say("plus-pret"); return false; }
    say("pret", { jour: day(ready + DAYS * 864e5), heure: hour(Date.now()), codes: codes.length });
    return true;
  }

  function ask(worker) {
    return new Promise(function (resolve) {
      const pipe = new MessageChannel();
      pipe.port1.onmessage = (event) => resolve(event.data.fait);
      setTimeout(() => resolve(false), 12e4);
      worker.postMessage({ genre: "preparer", adresses: addresses }, [pipe.port2]);
    });
  }

  async function controlled() {
    await navigator.serviceWorker.register(text.travailleur, { scope: "/equipe/" });
    const registration = await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise(function (resolve) {
        navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true });
        setTimeout(resolve, 5000);
      });
    }
    return registration.active;
  }

  async function prepare() {
    button.disabled = true;
    say("en-cours");
    try {
      const worker = await controlled();
      await window.reserver(meeting, text.codes);
      if (navigator.storage && navigator.storage.persist) { await navigator.storage.persist(); }
      if (!await ask(worker)) { say("pas-de-reseau"); return; }
      await queue.set("pret:" + meeting, Date.now());
      await tell();
    } catch (error) {
      say("pas-de-reseau");
    } finally {
      button.disabled = false;
    }
  }

  if (!queue || !navigator.serviceWorker || !window.caches || !window.MessageChannel) { say("impossible"); return; }
  button.hidden = false;
  button.addEventListener("click", prepare);
  tell().catch(() => say("a-faire"));
}());
