/* What this device recorded and the server does not have yet: kept in the browser, sent in order, each once.
   Shared by the live screen (direct.js), its preparation (preparer.js) and the page of what waits (a-envoyer.js). */
(function () {
  "use strict";

  if (!window.indexedDB || !window.fetch || !window.crypto) { return; }
  const EVENTS = "evenements", SETTINGS = "reglages";
  const MOST = 50; // events of one sending
  const LIFE = 7 * 864e5; // then an event leaves no more by itself: whoever records must look at it
  const channel = window.BroadcastChannel && new BroadcastChannel("direct");
  let opened;

  function open() {
    opened = opened || new Promise(function (resolve, reject) {
      const request = indexedDB.open("direct", 1);
      request.onupgradeneeded = function () {
        request.result.createObjectStore(EVENTS, { keyPath: "id" });
        request.result.createObjectStore(SETTINGS, { keyPath: "cle" });
      };
      request.onerror = function () { opened = null; reject(request.error); };
      request.onsuccess = function () {
        request.result.onclose = function () { opened = null; };
        resolve(request.result);
      };
    });
    return opened;
  }

  /* Run `work` with both stores; what it returns last (a request) is the result once all is on the disk. */
  async function store(mode, work) {
    const base = await open();
    return new Promise(function (resolve, reject) {
      const transaction = base.transaction([EVENTS, SETTINGS], mode, { durability: "strict" });
      const request = work(transaction.objectStore(EVENTS), transaction.objectStore(SETTINGS));
      transaction.oncomplete = () => resolve(request && request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  function random() {
    if (crypto.randomUUID) { return crypto.randomUUID(); }
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = bytes[6] & 15 | 64;
    bytes[8] = bytes[8] & 63 | 128;
    const text = Array.from(bytes, (byte) => (byte + 256).toString(16).slice(1)).join("");
    return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  const setting = async (name) => (await store("readonly", (_events, settings) => settings.get(name)) || {}).valeur;
  const set = (name, value) => store("readwrite", (_events, settings) => settings.put({ cle: name, valeur: value }));
  /* What the person wants to do once all is sent: open the minutes of a meeting, or publish them (suite.js). */
  const wishName = (meeting) => "suite:" + meeting;
  const wish = (meeting, what) => set(wishName(meeting), what);
  const wished = (meeting) => setting(wishName(meeting));
  const wishes = async () => (await store("readonly", (_events, settings) => settings.getAll()))
    .filter((row) => row.cle.indexOf("suite:") === 0).map((row) => Object.assign({ rencontre: row.cle.slice(6) }, row.valeur));

  const forget = (name) => store("readwrite", (_events, settings) => settings.delete(name));

  /* Keep an event: numbered, named and on the disk when the promise ends. Numbers of one device never repeat.
     Listeners hear of it at once: what is being written waits already (state.entrants). */
  function keep(event) {
    state.entrants += 1;
    const written = write(event);
    tell(); // after the writing was asked for, so that what listeners read holds it
    const done = () => { state.entrants -= 1; tell(); };
    return written.then(done, function (error) { done(); throw error; });
  }

  /* An opinion takes one of the codes reserved before with it, so that two tabs never give the same. */
  function write(event) {
    return store("readwrite", function (events, settings) {
      const named = settings.get("appareil"), reserved = settings.get("codes:" + event.rencontre);
      reserved.onsuccess = function () { // asked for last: the other is there, too
        const device = named.result ? named.result.valeur : { nom: random(), dernier: 0 };
        const codes = ["avis", "habitant"].indexOf(event.genre) >= 0 && reserved.result && reserved.result.valeur || [];
        device.dernier += 1;
        settings.put({ cle: "appareil", valeur: device });
        event.appareil = device.nom;
        event.numero = device.dernier;
        if (codes.length) {
          event.donnees.code = codes.shift();
          settings.put({ cle: "codes:" + event.rencontre, valeur: codes });
        }
        events.put(event);
        if (events.transaction.commit) { events.transaction.commit(); } // done even if the page is left now
      };
    });
  }

  const waiting = (meeting) => store("readonly", (events) => events.getAll()).then((rows) => inOrder(rows, meeting));

  function inOrder(rows, meeting) {
    rows.forEach(function (row) { row.vieux = Date.now() - row.le > LIFE; });
    return rows.filter((row) => !meeting || row.rencontre === meeting).sort((one, other) => one.numero - other.numero);
  }

  /* What waits (for a meeting) and a setting, as they stood at one and the same moment. */
  async function look(name, meeting) {
    let rows;
    const found = await store("readonly", function (events, settings) {
      rows = events.getAll();
      return settings.get(name);
    });
    return { attend: inOrder(rows.result, meeting), valeur: found && found.valeur };
  }

  /* Sending: one tab at a time, in order, again and again; only the server's own word takes an event off the list. */

  const state = { entrants: 0, envoi: false, parti: 0, sur: 0, connexion: false };
  const listeners = [];
  let timer, delay = 1000, busy = false, stop;

  function tell() { listeners.forEach((listener) => listener(state)); }

  function body(rows) {
    const plain = rows.map((row) => ({
      id: row.id, appareil: row.appareil, numero: row.numero, genre: row.genre, quand: row.quand, donnees: row.donnees,
    }));
    if (!rows[0].fichier) { return JSON.stringify({ evenements: plain }); }
    const form = new FormData();
    form.append("evenement", JSON.stringify(plain[0]));
    form.append("photo", new Blob([rows[0].fichier], { type: rows[0].type }), "photo");
    return form;
  }

  async function post(meeting, rows) {
    const headers = { "X-Appareil": rows[0].appareil, Accept: "application/json" };
    const sent = body(rows);
    if (typeof sent === "string") { headers["Content-Type"] = "application/json"; }
    stop = new AbortController();
    const patience = setTimeout(() => stop.abort(), 6e4 + (rows[0].fichier ? rows[0].fichier.byteLength / 4 : 0));
    try {
      const answer = await fetch(address(meeting), {
        method: "POST", body: sent, headers: headers, credentials: "same-origin", redirect: "error", signal: stop.signal,
      });
      return { status: answer.status, said: await answer.json().catch(() => ({})) };
    } catch (error) {
      return { status: 0, said: {} };
    } finally {
      clearTimeout(patience);
    }
  }

  const address = (meeting) => "/equipe/rencontres/" + encodeURIComponent(meeting) + "/en-direct/evenements";

  /* What the server has, and what it says the meeting now is, in one transaction: nothing is ever counted twice. */
  function settle(meeting, rows, said) {
    const refused = said.refus || {};
    const now = Date.now();
    return store("readwrite", function (events, settings) {
      rows.forEach(function (row) {
        if (said.recus.indexOf(row.id) >= 0) { events.delete(row.id); }
        else if (refused[row.id]) { row.refus = refused[row.id]; events.put(row); }
      });
      if (said.etat) { settings.put({ cle: "vu:" + meeting, valeur: { etat: said.etat, le: now } }); }
      return settings.put({ cle: "heure", valeur: said.heure });
    });
  }

  function next(rows) {
    const ready = mayLeave(rows);
    if (!ready.length) { return []; }
    const same = ready.filter((row) => row.rencontre === ready[0].rencontre);
    const file = same.findIndex((row) => row.fichier);
    return file === 0 ? same.slice(0, 1) : same.slice(0, file > 0 ? Math.min(file, MOST) : MOST);
  }

  const mayLeave = (rows) => rows.filter((row) => !row.refus && !row.vieux);

  async function round() {
    let rows = await waiting();
    state.sur = mayLeave(rows).length;
    state.parti = 0;
    for (let some = next(rows); some.length; some = next(rows)) {
      state.envoi = true;
      tell();
      const meeting = some[0].rencontre;
      const { status, said } = await post(meeting, some);
      if (status !== 200 || !Array.isArray(said.recus)) {
        state.connexion = status === 401 || status === 404 || status === 303;
        if (status === 413) { some[0].refus = said.faute || "413"; await store("readwrite", (events) => events.put(some[0])); }
        return status === 413;
      }
      state.connexion = false;
      state.parti += some.length;
      await settle(meeting, some, said);
      if (channel) { channel.postMessage(meeting); }
      rows = await waiting();
      state.sur = state.parti + mayLeave(rows).length; // more may have been recorded meanwhile
    }
    return true;
  }

  async function flush() {
    if (busy) { return; }
    busy = true;
    clearTimeout(timer);
    try {
      if (navigator.locks) { await navigator.locks.request("direct", { ifAvailable: true }, (lock) => lock && round()); }
      else { await round(); }
    } catch (error) {
      opened = null; // the store is opened anew next time
    } finally {
      busy = false;
      state.envoi = false;
      tell();
    }
    if (mayLeave(await waiting()).length && !state.connexion) {
      timer = setTimeout(flush, delay * (1 + Math.random() / 4));
      delay = Math.min(delay * 2, 3e5);
    }
  }

  function again() {
    delay = 1000;
    return flush();
  }

  /* Whether the server answers now: a phone may have a network that leads nowhere. */
  async function reachable() {
    if (navigator.onLine === false) { return false; }
    const patience = new AbortController();
    const late = setTimeout(() => patience.abort(), 5000);
    const options = { method: "HEAD", cache: "no-store", credentials: "same-origin", signal: patience.signal };
    const answer = await fetch("/equipe/a-envoyer", options).catch(() => null);
    clearTimeout(late);
    return Boolean(answer && answer.ok);
  }

  /* After a gesture: at once, or when there is a network again; a phone that only thinks that it has none tries, too. */
  function soon() {
    if (navigator.onLine !== false) { return again(); }
    clearTimeout(timer);
    timer = setTimeout(again, 3e4);
    return tell();
  }

  /* `work` is done a moment after the last call, and once for many: the answer to a tap is drawn first. */
  function calmly(work) {
    let due, running = false;
    return function later() {
      clearTimeout(due);
      due = setTimeout(async function () {
        if (running) { later(); return; }
        running = true;
        try { await work(); } catch (error) { /* the next call tries again */ }
        running = false;
      }, 120);
    };
  }

  window.addEventListener("online", again);
  window.addEventListener("pageshow", again);
  document.addEventListener("visibilitychange", () => document.hidden || again());
  if (channel) { channel.onmessage = tell; }

  /* Erase all that this device keeps, events and pages. */
  async function wipe() {
    if (stop) { stop.abort(); }
    await store("readwrite", function (events, settings) { events.clear(); return settings.clear(); });
    if (window.caches) { await Promise.all((await caches.keys()).map((name) => caches.delete(name))); }
    tell();
  }

  const drop = (id) => store("readwrite", (events) => events.delete(id)).then(tell);
  const retry = (row) => { delete row.refus; row.le = Date.now(); return store("readwrite", (events) => events.put(row)).then(again); };

  window.file = {
    random, keep, waiting, look, setting, set, forget, again, soon, calmly, wipe, drop, retry, state,
    wish, wished, wishes, wishName, reachable,
    listen: function (listener) { listeners.push(listener); },
    shared: (meeting) => channel && channel.postMessage(meeting),
  };
}());
