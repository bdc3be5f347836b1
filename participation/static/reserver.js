/* Follow-up codes that the device takes with it, to give away without a network, each with the drawing of its QR. */
(function () {
  "use strict";

  const CODES = 60; // live/offline_views.py
  const queue = window.file;

  /* Have at least half of the codes at hand; rejected where the server does not answer. */
  window.reserver = async function (meeting, address) {
    const codes = await queue.setting("codes:" + meeting) || [];
    if (codes.length >= CODES / 2) { return; }
    const answer = await fetch(address, { method: "POST", headers: { "X-Appareil": "preparation" }, credentials: "same-origin" });
    if (!answer.ok) { throw new Error("codes"); }
    const said = await answer.json(), drawings = await queue.setting("dessins:" + meeting) || {};
    const kept = {};
    codes.forEach((code) => { kept[code] = drawings[code]; });
    await queue.set("dessins:" + meeting, Object.assign(kept, said.dessins));
    await queue.set("codes:" + meeting, codes.concat(said.codes));
  };
}());
