// Solves the puzzle of a page that asks for one, in ALTCHA's own worker, and sends the form on. Without it: the wait.
(() => {
  "use strict";
  const field = document.querySelector("[data-puzzle]");
  if (!field || field.dataset.begun) return;
  field.dataset.begun = "yes";
  const { form } = field;
  const bar = document.getElementById("proof-bar");
  const go = () => { if (field.isConnected) form.requestSubmit(form.querySelector("[type=submit]")); };

  // No worker, or no WebCrypto (it wants https): the page waits by itself, and the ticket opens the door.
  const wait = () => {
    const seconds = Number(field.dataset.seconds);
    if (seconds && field.form.elements.ticket?.value) setTimeout(go, seconds * 1000);
  };
  if (!window.Worker || !window.crypto?.subtle) return wait();

  const challenge = JSON.parse(field.dataset.puzzle);
  const count = Math.min(4, navigator.hardwareConcurrency || 1);
  let workers = [];
  const stop = () => { workers.forEach((worker) => worker.terminate()); workers = []; bar.hidden = true; };
  const fail = () => { if (workers.length) { stop(); wait(); } };
  const begin = (_, start) => {
    const worker = new Worker(field.dataset.worker);
    worker.onmessage = ({ data: solution }) => {
      if (!solution || solution.error || !workers.length) return fail();
      stop();
      field.value = btoa(JSON.stringify({ challenge, solution }));
      go();
    };
    worker.onerror = fail;
    worker.postMessage({ type: "work", challenge, counterStart: start, counterStep: count, timeout: 240000 });
    return worker;
  };
  bar.hidden = false;
  workers = Array.from({ length: count }, begin);
  // a press while it is working would only begin the work anew
  form.addEventListener("click", (event) => {
    if (workers.length && event.target.closest("[type=submit]")) { event.preventDefault(); event.stopPropagation(); }
  }, true);
})();
