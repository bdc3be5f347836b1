/* After the meeting its minutes, which need the network. What is tapped without one (a link or a form with data-suite) is
   kept as a wish, and comes last: once all that this device recorded is sent. Nothing is published by itself
   (docs/decisions/0021): a person taps again. Words: templates/live/_next.html. */
(function () {
  "use strict";

  const place = document.getElementById("suite");
  const queue = window.file;
  if (!place || !queue) { return; }
  const text = place.dataset, meeting = text.rencontre;
  let wished = null, passing = false;

  function say(sentence) {
    place.querySelector("[data-champ=mots]").textContent = sentence;
    place.hidden = !sentence;
  }

  /* A link, or a form whose content must hold all that was recorded, waits for the queue, too. */
  async function inTheWay(all) {
    const left = all ? (await queue.waiting(meeting)).length : 0;
    if (left) { queue.again(); }
    return left ? "gestes" : !await queue.reachable() && "reseau";
  }

  async function tapped(thing, go) {
    const link = thing.matches("a");
    const whole = thing.dataset.suite === "tout";
    const why = await inTheWay(whole).catch(() => "");
    if (!why) { await forget(); say(""); go(); return; }
    wished = { adresse: link ? thing.pathname : location.pathname, titre: text.titre, le: Date.now(), tout: whole };
    await queue.wish(meeting, wished);
    wished.seul = link; // a link only opens a page: that happens without another tap
    say(link ? text.attend : why === "gestes" ? text.dabord : text.reste);
  }

  document.addEventListener("click", function (click) {
    const link = click.target.closest("a[data-suite]");
    if (!link) { return; }
    click.preventDefault();
    tapped(link, () => location.assign(link.href));
  });
  document.addEventListener("submit", function (submitted) {
    const form = submitted.target, button = submitted.submitter || form.querySelector("[type=submit]:not([hx-post])");
    if (passing || submitted.defaultPrevented || form.dataset.suite === undefined) { return; }
    submitted.preventDefault();
    tapped(form, function () { passing = true; button.click(); passing = false; });
  });

  const forget = () => queue.forget(queue.wishName(meeting)).catch(() => 0);
  const typing = () => document.activeElement && document.activeElement.matches("textarea, input, select");

  /* All is sent and the network is back: a page that was asked for opens; a form says that it can be sent now. */
  async function look() {
    if (!wished || document.hidden || wished.seul && typing() || await inTheWay(wished.tout)) { return; }
    const { adresse, seul } = wished;
    if (!seul) { say(text.revenu); return; }
    await queue.wish(meeting, Object.assign({}, wished, { ouvert: true })); // once by itself: who comes back here stays
    wished = null;
    location.assign(adresse);
  }

  async function start() {
    const kept = await queue.wished(meeting);
    if (kept && kept.adresse === location.pathname) { await forget(); }
    else if (kept && !kept.ouvert && text.ecran !== undefined) { wished = Object.assign(kept, { seul: true }); say(text.attend); }
  }

  queue.listen(queue.calmly(look));
  window.addEventListener("online", queue.calmly(look));
  document.addEventListener("visibilitychange", queue.calmly(look));
  start().then(look).catch(() => 0);
}());
