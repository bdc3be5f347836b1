/* The recorder and the photo of residents' pages. Both put a file in the form's own field, which stays in sight where the
   browser cannot do better. `form.ready`: what parole.js waits for before it sends. Written for browsers of 2018. */
(function () {
  "use strict";

  const LONGEST = 60; // seconds
  const KINDS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];

  function put(input, file) {
    const files = new DataTransfer();
    files.items.add(file);
    input.files = files.files;
  }

  /* One button whose name says what it does next: record, stop, listen. Another one to begin again. */
  function recorder(input, piece) {
    const kind = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
    const [main, anew] = Array.from(piece.querySelectorAll("button"));
    const status = piece.querySelector("[role=status]");
    const words = piece.dataset;
    const first = main.lastElementChild.textContent;
    const labels = Array.from(input.labels);
    let next = record, machine, sound;

    function name(words, act) {
      main.lastElementChild.textContent = words;
      next = act;
    }

    /* The field itself; a label of what is hidden would still open it. */
    function showField(shown) {
      input.hidden = !shown;
      labels.forEach((label) => { label.htmlFor = shown ? input.id : ""; });
    }

    function tell(seconds) {
      name(seconds > 1 ? words.secondes.replace("{n}", seconds) : words.arreter, () => machine.stop());
      if (seconds && seconds % 10 === 0) { status.textContent = words.reste.replace("{n}", LONGEST - seconds); }
      if (seconds >= LONGEST) { machine.stop(); }
    }

    async function record() {
      name(first, () => 0); // one question to the person at a time
      anew.hidden = true;
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
        machine = new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: 24000 });
        input.form.ready = new Promise((resolve) => run(stream, resolve));
      } catch (error) {
        name(first, record);
        status.textContent = words.refus;
        showField(true);
      }
    }

    function run(stream, resolve) {
      const pieces = [];
      const start = Date.now();
      const clock = setInterval(() => tell(Math.floor((Date.now() - start) / 1000)), 1000);
      machine.ondataavailable = (event) => pieces.push(event.data);
      machine.onstop = function () {
        clearInterval(clock);
        stream.getTracks().forEach((track) => track.stop());
        put(input, new File(pieces, "message", { type: kind.split(";")[0] }));
        done();
        resolve();
      };
      machine.start();
      status.textContent = "";
      tell(0);
    }

    function done() {
      anew.hidden = false;
      status.textContent = words.pret;
      name(words.ecouter, listen);
    }

    function listen() {
      sound = new Audio(URL.createObjectURL(input.files[0]));
      sound.onended = sound.onerror = hush;
      sound.play().catch(hush);
      name(words.arreter, hush);
    }

    function hush() {
      if (sound) {
        sound.pause();
        URL.revokeObjectURL(sound.src);
        sound = null;
      }
      name(words.ecouter, listen);
    }

    main.addEventListener("click", () => next());
    anew.addEventListener("click", function () {
      hush();
      main.focus();
      record();
    });
    input.addEventListener("change", () => input.files[0] && done());
    input.form.addEventListener("reset", function () {
      anew.hidden = true;
      status.textContent = "";
      name(first, record);
    });
    input.form.addEventListener("submit", () => { if (machine && machine.state === "recording") { machine.stop(); } }, true);
    window.addEventListener("pagehide", () => { if (machine && machine.state === "recording") { machine.stop(); } });
    showField(false);
    input.parentNode.insertBefore(piece, input);
  }

  /* Made small here, which also takes out what hides in a photo: where it was taken, with what, when. */

  function decode(file) {
    return createImageBitmap(file, { imageOrientation: "from-image" });
  }

  function decodeAsImage(file) {
    return new Promise(function (resolve, reject) {
      if (getComputedStyle(document.body).imageOrientation !== "from-image") { reject(); } // it would lie on its side
      const picture = new Image();
      const reader = new FileReader();
      picture.onload = () => resolve(picture);
      picture.onerror = reader.onerror = reject;
      reader.onload = () => { picture.src = reader.result; };
      reader.readAsDataURL(file);
    });
  }

  async function shrink(file) {
    const picture = await Promise.resolve(file).then(decode).catch(() => decodeAsImage(file));
    const canvas = document.createElement("canvas");
    for (let side = 1280, quality = 0.8; side > 200;) {
      const scale = Math.min(1, side / Math.max(picture.width, picture.height));
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      const small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", quality));
      if (small.size <= 25e4) { return new File([small], "photo.jpg", { type: "image/jpeg" }); }
      if (quality > 0.5) { quality -= 0.15; } else { side *= 0.75; }
    }
    return file;
  }

  function photo(input) {
    input.addEventListener("change", function () {
      const file = input.files[0];
      input.form.ready = file && shrink(file).then((small) => put(input, small)).catch(() => 0);
    });
    if (input.form.id !== "parole") {
      input.form.addEventListener("submit", function (event) {
        event.preventDefault();
        Promise.resolve(input.form.ready).then(() => HTMLFormElement.prototype.submit.call(input.form));
      });
    }
  }

  try {
    new DataTransfer();
  } catch (error) {
    return;
  }
  const piece = document.getElementById("telephone-micro");
  const voice = document.querySelector("#parole input[type=file][accept^=audio]");
  if (piece && voice && window.MediaRecorder && MediaRecorder.isTypeSupported && navigator.mediaDevices && KINDS.some((kind) => MediaRecorder.isTypeSupported(kind))) {
    recorder(voice, piece.content.firstElementChild.cloneNode(true));
  }
  document.querySelectorAll("input[type=file][accept^=image]").forEach(photo);
}());
