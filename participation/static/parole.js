/* What residents say stays in the phone until the server has it. Without this script everything still works.
   Words: templates/speaking/_phone.html. For browsers of 2018. */
(function () {
  "use strict";

  const panel = document.getElementById("telephone");
  const form = document.getElementById("parole");
  if (!panel || !window.indexedDB || !window.fetch || !window.AbortController || !FormData.prototype.entries) { return; }
  const text = panel.dataset;
  const mine = form && new URL(form.action).pathname;
  let opened;
  const quietly = (work) => work.catch(() => { opened = null; }); // a store that fails is opened anew next time
  const all = (selector, root) => Array.from((root || panel).querySelectorAll(selector));

  /* The store: opinions that wait, under their form's address, and the words beside an open camera. */

  const DRAFT = "brouillon";

  function open() {
    opened = opened || new Promise(function (resolve, reject) {
      const request = indexedDB.open("parole", 1);
      request.onupgradeneeded = () => request.result.createObjectStore("avis", { keyPath: "id" });
      request.onerror = () => reject(request.error);
      request.onsuccess = function () {
        request.result.onclose = () => { opened = null; };
        resolve(request.result);
      };
    });
    return opened;
  }

  async function store(mode, work) {
    const base = await open();
    return new Promise(function (resolve, reject) {
      const transaction = base.transaction("avis", mode, { durability: "strict" });
      const request = work(transaction.objectStore("avis"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  const keep = (item) => store("readwrite", (rows) => rows.put(item));

  /* What another tab has put there meanwhile stays. */
  const drop = (item) => store("readwrite", function (rows) {
    const found = rows.get(item.id);
    found.onsuccess = () => found.result && found.result.at === item.at && rows.delete(item.id);
    return found;
  });

  async function kept() {
    const items = (await store("readonly", (rows) => rows.getAll())).filter((item) => item.fields);
    items.forEach((item) => { item.stuck = item.stuck || Date.now() - item.at > 7 * 864e5; });
    return items.sort((one, other) => one.at - other.at);
  }

  /* What the page says. `why`: what came of the last try; `end`: what to say once nothing waits. */

  let why = "envoi";
  let end = "";

  function show(states, focus) {
    all("[data-etat]").forEach(function (part) {
      part.hidden = !part.dataset.etat.split(" ").some((state) => states.indexOf(state) >= 0);
    });
    const title = panel.querySelector("h2:not([hidden])");
    panel.hidden = !title;
    if (focus && title) { title.focus(); }
  }

  async function refresh(focus) {
    const items = await kept();
    const own = items.find((item) => item.id === mine);
    const stuck = items.filter((item) => item.stuck).length;
    const waiting = items.length - stuck;
    const state = own && !own.stuck ? why : waiting ? "garde" : own ? "" : end;
    all("[data-nombre]").forEach((part) => { part.textContent = waiting; });
    all("[data-bloques]").forEach((part) => { part.textContent = stuck; });
    if (own) { showCode(own); }
    if (form) { form.hidden = Boolean(own) || /envoi|deja/.test(state); }
    show([state, stuck ? "bloque" : ""], focus && (own || !waiting));
  }

  function showCode(item) {
    const list = panel.querySelector("ol");
    list.textContent = "";
    item.fields.find((field) => field[0] === "code")[1].split("-").forEach(function (word) {
      list.appendChild(document.createElement("li")).textContent = word;
    });
  }

  /* Sending: one tab at a time, the oldest first, again and again. The server takes each key once. */

  const channel = window.BroadcastChannel && new BroadcastChannel("parole");
  let delay, timer, stop, busy = false;

  async function post(item) {
    const body = new FormData();
    item.fields.forEach(function (field) {
      if (field.length < 3) { body.append(field[0], field[1]); }
      else { body.append(field[0], new Blob([field[1]], { type: field[2] }), field[3]); }
    });
    stop = new AbortController();
    const patience = setTimeout(() => stop.abort(), 6e4 + item.size / 4); // a minute, and one second for 4 kB
    try {
      const answer = await fetch(item.id, {
        method: "POST", body: body, credentials: "same-origin", headers: { Accept: "application/json" }, signal: stop.signal,
      });
      const said = await answer.json().catch(() => null);
      return { status: answer.status, said: said || {}, pause: Number(answer.headers.get("Retry-After")) * 1000 };
    } catch (error) {
      return { status: 0, said: {} };
    } finally {
      clearTimeout(patience);
    }
  }

  /* Only our own answer counts: a café's sign-in page says 200 too. Returns whether to go on. */
  async function send(item) {
    const { status, said, pause } = await post(item);
    const faults = status === 413 && said.faute ? { [text.champ]: said.faute } : said.fautes;
    if (status < 300 && /^\/\w/.test(said.suivi)) {
      await drop(item);
      arrived(item, said.suivi);
    } else if (status === 409 && said.faute) {
      await drop(item);
      end = "deja";
    } else if (faults && item.id === mine) {
      await drop(item);
      end = "";
      showFaults(faults);
    } else if ([410, 413, 422].indexOf(status) >= 0) {
      item.stuck = true;
      await keep(item);
    } else {
      why = status === 429 ? "attente" : status ? "panne" : "reseau";
      panel.querySelector("[data-phrase]").textContent = said.faute || "";
      delay = Math.max(delay, pause || 0);
      return status >= 500;
    }
    return true;
  }

  function arrived(item, path) {
    end = "arrive";
    if (channel) { channel.postMessage({ id: item.id, suivi: path }); }
    if (item.id === mine) {
      end = "envoi"; // until the receipt is there
      location.replace(path);
    }
    const link = panel.querySelector("ul").appendChild(document.createElement("li")).appendChild(document.createElement("a"));
    link.href = path;
    link.textContent = text.recu;
  }

  async function round() {
    for (const item of await kept()) {
      if (!item.stuck && !await send(item)) { return; }
    }
  }

  async function flush(focus) {
    if (busy) { return; }
    busy = true;
    clearTimeout(timer);
    try {
      if (navigator.locks) { await navigator.locks.request("parole", { ifAvailable: true }, (lock) => lock && round()); }
      else { await round(); }
      await refresh(focus);
      if ((await kept()).some((item) => !item.stuck)) {
        timer = setTimeout(() => quietly(flush()), delay * (1 + Math.random() / 4));
        delay = Math.min(delay * 2, 3e5);
      }
    } finally {
      busy = false;
    }
  }

  function again(focus) {
    delay = 1000;
    return flush(focus);
  }

  window.addEventListener("online", () => quietly(again()));
  window.addEventListener("pageshow", () => quietly(again()));
  document.addEventListener("visibilitychange", () => document.hidden || quietly(again()));
  if (channel) {
    channel.onmessage = async function (event) {
      const items = await kept();
      if (mine && event.data.id === mine && !items.some((item) => item.id === mine)) { location.replace(event.data.suivi); }
      else { quietly(refresh()); }
    };
  }

  const ACTS = {
    envoyer: async function () {
      const status = document.getElementById("telephone-statut");
      status.textContent = "";
      await again();
      if (panel.querySelector("[data-fait=envoyer]:not([hidden])")) { status.textContent = text.encore; }
    },
    effacer: async function () {
      if (!window.confirm(text.sur)) { return; }
      if (stop) { stop.abort(); }
      await store("readwrite", (rows) => rows.clear());
      if (channel) { channel.postMessage({}); }
      if (form) { form.reset(); }
      end = "efface";
      await refresh(true);
    },
    reprendre: async function () {
      const item = (await kept()).find((one) => one.stuck);
      item.again = true;
      await keep(item);
      location.assign(item.page || "/");
    },
  };
  panel.addEventListener("click", function (event) {
    const button = event.target.closest("[data-fait]");
    if (button) { quietly(ACTS[button.dataset.fait]()); }
  });

  /* The form. `form.ready`: capter.js may need a moment before it can go. */

  let sending = false, asked = false, replaced = "";

  function field(name) {
    const found = form.elements[name];
    return found && found[0] && !found.tagName ? found[0] : found;
  }

  async function pack() {
    const item = { id: mine, page: text.page, at: Date.now(), size: 0, fields: [] };
    for (const [name, value] of Array.from(new FormData(form).entries())) {
      if (value.size) {
        item.fields.push([name, await new Response(value).arrayBuffer(), value.type, value.name]);
        item.size += value.size;
      } else if (typeof value === "string") { item.fields.push([name, value]); }
    }
    return item;
  }

  /* What could not leave from an older page. */
  function fill(item) {
    item.fields.forEach(function (value) {
      const input = field(value[0]);
      if (!input || input.type === "hidden") { return; }
      if (value.length < 3) { form.elements[value[0]].value = value[1]; return; }
      const files = new DataTransfer();
      files.items.add(new File([value[1]], value[3], { type: value[2] }));
      input.files = files.files;
      input.dispatchEvent(new Event("change"));
    });
  }

  async function restore() {
    const fits = (value) => value[0] === "page" && value[1] === form.dataset.mode;
    const item = (await kept()).find((one) => one.again && one.fields.some(fits));
    const draft = await store("readonly", (rows) => rows.get(DRAFT));
    const own = draft && draft.form === mine;
    if (own && !field("texte").value) { field("texte").value = draft.words; }
    if (own || draft && Date.now() - draft.at > 864e5) { await drop(draft); }
    if (item) {
      item.again = false;
      await keep(item);
      fill(item);
      replaced = item.id; // not before: where a file cannot be put back, it stays
    }
  }

  function clearFaults() {
    all(".error, .error-summary", document).forEach((part) => part.remove());
    all(".field-error", form).forEach((part) => part.classList.remove("field-error"));
    all("[aria-invalid]", form).forEach(function (input) {
      input.removeAttribute("aria-invalid");
      input.setAttribute("aria-describedby", input.getAttribute("aria-describedby").replace(/\S+-erreur/, ""));
    });
    document.title = document.title.replace(text.erreur + " ", "");
  }

  const piece = (name) => document.getElementById("telephone-" + name).content.firstElementChild.cloneNode(true);

  function showFaults(faults) {
    const summary = piece("fautes");
    Object.keys(faults).forEach(function (name) {
      const input = field(name);
      if (name === "code") { // taken already: another one
        asked = false;
        newCode().catch(() => location.reload());
      }
      const line = summary.querySelector("ul").appendChild(document.createElement("li"));
      if (!input || input.type === "hidden") { line.textContent = faults[name]; return; }
      const link = line.appendChild(document.createElement("a"));
      link.href = "#" + (input.hidden ? "telephone-bouton" : input.id);
      link.textContent = faults[name];
      const box = input.closest(".field");
      const sentence = piece("faute");
      sentence.id = input.id + "-erreur";
      sentence.querySelector("[data-phrase]").textContent = faults[name];
      box.insertBefore(sentence, input.parentNode === box ? input : box.firstChild);
      box.classList.add("field-error");
      input.setAttribute("aria-invalid", "true");
      input.setAttribute("aria-describedby", [input.getAttribute("aria-describedby"), sentence.id].join(" ").trim());
    });
    document.title = text.erreur + " " + document.title;
    form.hidden = false;
    const title = document.querySelector("h1");
    title.parentNode.insertBefore(summary, title);
    summary.focus();
  }

  async function submit() {
    await form.ready;
    clearFaults();
    const item = await pack();
    if (!item.size && !item.fields.some((value) => value[0] === "texte" && value[1].trim())) {
      showFaults({ [text.champ]: text.vide });
      return;
    }
    await store("readwrite", function (rows) {
      if (replaced) { rows.delete(replaced); }
      return rows.put(item);
    });
    why = "envoi";
    await refresh(true);
    quietly(again(true));
  }

  /* The phone's own five words: 1,024 in the list, so ten bits give each the same chance. */
  async function newCode() {
    if (asked) { return; }
    asked = true;
    const words = (await (await fetch(text.mots)).text()).trim().split(/\s+/);
    if (words.length === 1024) {
      field("code").value = Array.from(crypto.getRandomValues(new Uint16Array(5)), (bits) => words[bits & 1023]).join("-");
    }
  }

  if (form) {
    let elsewhere; // a button with an address of its own
    form.addEventListener("submit", function (event) {
      if (elsewhere) { return; }
      event.preventDefault();
      if (sending) { return; }
      sending = true;
      submit().catch(() => HTMLFormElement.prototype.submit.call(form)).then(() => { sending = false; });
    });
    form.addEventListener("focusin", () => quietly(newCode()));
    form.addEventListener("click", function (event) {
      elsewhere = event.target.closest("[formaction]");
      quietly(newCode());
    });
    document.addEventListener("DOMContentLoaded", () => quietly(restore()));
    const photo = field("photo");
    if (photo) { // the camera may cost a small phone this page, and the words in it
      photo.addEventListener("click", () => quietly(keep({ id: DRAFT, form: mine, words: field("texte").value, at: Date.now() })));
      photo.addEventListener("change", () => quietly(store("readwrite", (rows) => rows.delete(DRAFT))));
    }
  }
}());
