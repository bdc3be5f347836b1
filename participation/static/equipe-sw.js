/* Service worker of the live screens (scope /equipe/): pages prepared beforehand open without a network.
   Only what « Préparer hors réseau » asked for is kept, for seven days; nothing else of the team's pages ever is. */
"use strict";

const KEPT = "direct";
const LIFE = 7 * 864e5;
const PATIENCE = 4000; // milliseconds that a weak network has before the kept page is shown

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", function (event) {
  if (event.data.genre === "preparer") { event.waitUntil(prepare(event.data.adresses, event.ports[0])); }
});

/* Keep each address, or none: half a meeting is no preparation. */
async function prepare(addresses, port) {
  try {
    const answers = await Promise.all(addresses.map((address) => fetch(new Request(address, {
      credentials: "same-origin", cache: "no-store", redirect: "error",
    }))));
    const bad = answers.find((answer) => !answer.ok);
    if (bad) { throw new Error(bad.url); }
    const cache = await caches.open(KEPT);
    await Promise.all(answers.map((answer, index) => cache.put(addresses[index], answer)));
    port.postMessage({ fait: true });
  } catch (error) {
    port.postMessage({ fait: false });
  }
}

self.addEventListener("fetch", function (event) {
  const request = event.request;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) { return; }
  const tested = request.headers.get("X-Sans-Reseau");
  if (tested || address.pathname.startsWith("/static/") || request.mode === "navigate") {
    event.respondWith(answer(request, address, tested));
  }
});

async function answer(request, address, tested) {
  const cache = await caches.open(KEPT);
  const kept = await find(cache, address.pathname);
  if (tested) { return kept || new Response("", { status: 504 }); }
  if (!kept) { return fetch(request).catch(() => without(cache, request)); }
  if (address.pathname.startsWith("/static/")) { return kept; } // its name changes with its content
  return fresh(cache, request, address, kept);
}

/* In place of a page that needs a network: what this device can do without. */
async function without(cache, request) {
  return request.mode === "navigate" && await cache.match("/hors-ligne") || Response.error();
}

async function find(cache, path) {
  const kept = await cache.match(path);
  if (kept && Date.now() - Date.parse(kept.headers.get("Date")) > LIFE) {
    await cache.delete(path);
    return undefined;
  }
  return kept;
}

/* The page of the network where it comes soon enough, else the kept one. */
async function fresh(cache, request, address, kept) {
  const network = fetch(request).then(function (answer) {
    if (answer.status === 200 && !answer.redirected) { cache.put(address.pathname, answer.clone()); }
    return answer.status >= 500 ? kept : answer;
  });
  const patience = new Promise((resolve) => setTimeout(() => resolve(kept), PATIENCE));
  return Promise.race([network, patience]).catch(() => kept);
}
