// Makes the pages nicer; nothing depends on it. Texts come from the page, so that they are translated there.
(() => {
  "use strict";
  const say = document.getElementById("say");
  const tell = (name) => { say.textContent = name ? say.dataset[name] : ""; };
  const typedInto = (root) => root.querySelectorAll("form input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([readonly])");
  const keyOf = (input) => input.form.action + "#" + input.id;

  // Show and hide for each password; hidden again before the form leaves.
  const show = (button, visible) => {
    document.getElementById(button.getAttribute("aria-controls")).type = visible ? "text" : "password";
    button.setAttribute("aria-pressed", visible);
    button.textContent = visible ? button.dataset.hide : button.dataset.show;
  };

  // The server owns the waiting time; this only shows it, counting to a moment by the wall clock.
  let ticking;
  const count = (button) => {
    clearInterval(ticking);
    const seconds = button && Number(button.dataset.wait);
    if (!seconds) return;
    const number = button.querySelector("span");
    const ends = Date.now() + seconds * 1000;
    button.setAttribute("aria-disabled", "true");
    ticking = setInterval(() => {
      const left = Math.ceil((ends - Date.now()) / 1000);
      if (!button.isConnected) return clearInterval(ticking);
      number.textContent = left > 0 ? `(${left})` : "";
      if (left > 0) return;
      clearInterval(ticking);
      button.removeAttribute("aria-disabled");
      tell("ready");
    }, 250);
  };

  // Where the browser can read the message itself (WebOTP), it fills the field; the person still presses the button.
  let listening;
  const listen = (input) => {
    listening?.abort();
    if (!input || !("OTPCredential" in window)) return;
    listening = new AbortController();
    navigator.credentials.get({ otp: { transport: ["sms"] }, signal: listening.signal })
      .then((otp) => { if (otp && !input.value) input.value = otp.code; }, () => {});
  };

  const prepare = () => {
    document.querySelectorAll(".toggle").forEach((button) => { button.hidden = false; });
    count(document.querySelector("[data-wait]"));
    listen(document.getElementById("code"));
  };

  let kept = new Map();
  const swapsMain = (event) => event.detail.ctx.target?.id === "main";

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".toggle");
    if (button) show(button, button.getAttribute("aria-pressed") !== "true");
  });
  document.addEventListener("submit", () => {
    document.querySelectorAll(".toggle").forEach((button) => show(button, false));
  }, true);

  document.addEventListener("htmx:before:request", (event) => {
    if (swapsMain(event)) tell("busy");
  });
  // An accepted password leads on by a real navigation, which password managers notice; its page is fetched once.
  document.addEventListener("htmx:config:request", (event) => {
    const { ctx } = event.detail;
    if (ctx.sourceElement.dataset.navigate) ctx.request.redirect = "manual";
  });
  document.addEventListener("htmx:before:response", (event) => {
    const { ctx } = event.detail;
    if (ctx.response.raw.type !== "opaqueredirect") return;
    event.preventDefault();
    location.assign(ctx.sourceElement.dataset.navigate);
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx } = event.detail;
    const answer = new DOMParser().parseFromString(ctx.text, "text/html");
    const { url, redirected } = ctx.response.raw;
    if (!answer.getElementById("main")) {
      event.preventDefault(); // a proxy's own page: keep ours, with everything that was typed
      if (swapsMain(event)) tell("broken"); // what the page asks by itself, it asks again
      return;
    }
    if (!answer.querySelector(ctx.select)) {
      event.preventDefault();
      if (redirected) location.assign(url); // the recovery has moved on elsewhere
      return;
    }
    if (swapsMain(event)) kept = new Map([...typedInto(document)].map((input) => [keyOf(input), input.value]));
  });
  document.addEventListener("htmx:after:swap", (event) => {
    if (!swapsMain(event)) return;
    tell("");
    // what was typed stays after an error; the server never writes a code or a password back
    typedInto(document).forEach((input) => {
      if (input.value || !kept.get(keyOf(input))) return;
      input.value = kept.get(keyOf(input));
      input.dispatchEvent(new Event("input"));
    });
    kept.clear();
    prepare();
    (document.querySelector("#main .errors") ?? document.querySelector("#main h1"))?.focus();
  });
  document.addEventListener("htmx:error", (event) => {
    if (event.detail.ctx && swapsMain(event)) tell("offline");
  });

  prepare();
})();
