/* « Écouter cette page », where the phone can speak the page's language. Never by itself. */
(function () {
  "use strict";

  const PARTS = "h1, h2, h3, p, li, legend, label";
  const speech = window.speechSynthesis;
  const buttons = Array.from(document.querySelectorAll("[data-listen]"));
  if (!speech || !window.SpeechSynthesisUtterance || !buttons.length) { return; }

  const language = (element) => element.closest("[lang]").lang.slice(0, 2);

  function voice(wanted) {
    return speech.getVoices().find((one) => one.lang.slice(0, 2).toLowerCase() === wanted);
  }

  /* What is in sight, in the page's order, each part once. */
  function texts() {
    return Array.from(document.querySelector("main").querySelectorAll(PARTS)).filter(function (part) {
      return part.offsetParent && part.innerText.trim() && !part.parentNode.closest(PARTS) && !part.closest(".back, .crumbs");
    });
  }

  function name(button, words) {
    button.lastElementChild.textContent = words;
  }

  function stop() {
    speech.cancel();
    buttons.forEach(function (button) {
      name(button, button.dataset.start);
      button.dataset.on = "";
    });
  }

  /* One part after the other: some browsers fall silent in the middle of a long text. */
  function say(part) {
    const words = new SpeechSynthesisUtterance(part.innerText);
    words.lang = language(part);
    words.voice = voice(words.lang) || null;
    speech.speak(words);
    return words;
  }

  function toggle(button) {
    const speaking = button.dataset.on;
    stop();
    if (speaking) { return; }
    button.dataset.on = "1";
    name(button, button.dataset.stop);
    texts().map(say).pop().onend = stop;
  }

  function arm() {
    buttons.forEach((button) => { button.hidden = !voice(language(document.documentElement)); });
  }

  buttons.forEach(function (button) {
    button.dataset.start = button.textContent.trim();
    button.addEventListener("click", () => toggle(button));
  });
  window.addEventListener("pagehide", () => speech.cancel());
  speech.onvoiceschanged = arm;
  arm();
}());
