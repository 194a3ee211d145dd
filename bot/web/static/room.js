// Forms work too. Written for browsers of ten years ago: no newer syntax, nothing they lack.
(function () {
  function $(id) { return document.getElementById(id); }
  var root = document.documentElement, room = $("room"), log = $("log");
  var text = $("text"), say = $("say"), kind = room.getAttribute("data-state");
  var cursor = +log.getAttribute("data-last"), pause = 1000, misses = 0;
  var over, sending, asking, away, stream, mark, pressed, newest = 0;

  function each(list, act) { Array.prototype.forEach.call(list, act); }

  function offline(is) {
    if (over || is === !!away) return;
    away = is;
    $("notice").textContent = is ? room.getAttribute("data-offline") : "";
  }

  function swap(old, fresh) { old.parentNode.replaceChild(fresh, old); }

  function take(html, answer) {
    var part = document.createElement("div");
    part.innerHTML = html;
    var end = part.querySelector("main");
    if (end) {
      // An answer says more than a stream.
      if (over && !answer) return;
      if (!answer && text.value) end.appendChild(say);
      swap(document.querySelector("main"), end);
      over = true;
      if (stream) stream.close();
      return;
    }
    var state = part.querySelector("[data-state]");
    if (state && state.getAttribute("data-state") !== kind) {
      over = true;
      text.value = "";
      location.replace("/room?n=" + Date.now() + "#new");
      return;
    }
    var follow = answer || innerHeight + pageYOffset > document.body.scrollHeight - 150, first;
    each(part.querySelectorAll("[data-seq]"), function (row) {
      var seq = +row.getAttribute("data-seq");
      if (seq <= cursor) return;
      cursor = seq;
      if (kind === "covered") log.textContent = "";
      log.appendChild(row);
      voice(row);
      first = first || row;
    });
    var fresh = part.querySelector("#choices"), notice = part.querySelector("#notice");
    if (fresh && +fresh.getAttribute("data-last") >= cursor) {
      cursor = +fresh.getAttribute("data-last");
      var held = $("choices").contains(document.activeElement);
      swap($("choices"), fresh);
      if (held) fresh.focus();
    }
    // The same place with other words: only so is it announced.
    if (notice && (answer || first)) $("notice").innerHTML = notice.innerHTML;
    if (!follow || !(first || answer)) return;
    if (!sending || !mark) mark = first;
    $("end").scrollIntoView();
    var head = document.querySelector("header").offsetHeight;
    if (mark && mark.getBoundingClientRect().top < head) {
      mark.scrollIntoView();
      if (mark.getBoundingClientRect().top < head) scrollBy(0, -head - 8);
    }
  }

  function ask(method, address, body, done) {
    var request = new XMLHttpRequest();
    request.open(method, address);
    request.timeout = 30000;
    request.setRequestHeader("Engawa-After", cursor);
    if (body) request.setRequestHeader("Content-Type", "application/x-www-form-urlencoded");
    request.onloadend = function () { done(request.status, request.responseText); };
    request.send(body);
  }

  function send(form, button) {
    var fields = [], written = text.value;
    function add(one) {
      if (one.name) {
        fields.push(encodeURIComponent(one.name) + "=" + encodeURIComponent(one.value));
      }
    }
    each(form.querySelectorAll("input, textarea"), add);
    if (button) add(button);
    sending = true;
    mark = null;
    ask("POST", "/room/send", fields.join("&"), function (status, html) {
      offline(!status);
      if (status) take(html, true);
      sending = false;
      fetchNew();
      if (status && status < 300 && form === say && !over) {
        if (text.value === written) text.value = "";
        grow();
        say.elements.event.value = $("choices").getAttribute("data-next");
      }
    });
  }

  function later(what) {
    pause = Math.min(pause * 2, 30000);
    setTimeout(what, pause);
  }

  function live() {
    if (over) return;
    if (misses > 2 || !window.EventSource) return poll();
    var here, ended;
    stream = new EventSource("/room/live?after=" + cursor);
    function miss() {
      if (ended) return;
      ended = true;
      clearTimeout(doubt);
      stream.close();
      if (!here) misses++;
      if (pause > 1000) offline(true);
      later(live);
    }
    // Held by a proxy.
    var doubt = setTimeout(function () {
      misses = 3;
      miss();
    }, 8000);
    stream.addEventListener("here", function () {
      clearTimeout(doubt);
      here = true;
      misses = 0;
      pause = 1000;
      offline(false);
    });
    stream.onmessage = function (event) {
      newest = Math.max(newest, +event.data);
      fetchNew();
    };
    stream.addEventListener("gone", function () {
      newest = Infinity;
      fetchNew();
    });
    stream.onerror = miss;
  }

  // The stream only rings: what an answer brought already never comes twice.
  function fetchNew() {
    if (over || sending || asking || newest <= cursor) return;
    asking = true;
    ask("GET", "/room/after?seq=" + cursor, null, function (status, html) {
      asking = false;
      offline(status !== 200);
      if (status !== 200) return later(fetchNew);
      if (newest < Infinity) newest = 0;
      take(html);
      pause = 1000;
    });
  }

  function poll() {
    if (over) return;
    ask("GET", "/room/after?seq=" + cursor, null, function (status, html) {
      var fine = status === 200;
      offline(!fine);
      if (fine) {
        take(html);
        pause = 2000;
      }
      later(poll);
    });
  }

  function grow() {
    text.style.height = "auto";
    text.style.height = text.scrollHeight + 2 + "px";
  }

  // Reads aloud with the device's own voice; what stands above kanji is not said twice.
  function voice(row) {
    var aloud = room.getAttribute("data-aloud"), speaker = window.speechSynthesis;
    if (!aloud || !speaker || row.className.indexOf("person") > -1) return;
    var button = document.createElement("button"), said = row.cloneNode(true);
    each(said.querySelectorAll("rt, .who"), function (one) { one.textContent = ""; });
    button.type = "button";
    button.className = "aloud";
    button.textContent = aloud;
    button.onclick = function () {
      var talks = speaker.speaking;
      speaker.cancel();
      if (talks) return;
      var words = new SpeechSynthesisUtterance(said.textContent.trim());
      words.lang = root.lang;
      speaker.speak(words);
    };
    row.appendChild(button);
  }

  document.addEventListener("click", function (event) {
    var one = event.target;
    while (one && one.nodeName !== "BUTTON") one = one.parentNode;
    pressed = one;
  }, true);
  document.addEventListener("submit", function (event) {
    var form = event.target, button = pressed;
    pressed = null;
    if (button && button.form !== form) button = null;
    if (button && button.hasAttribute("formaction")) return;
    if (over || (form !== say && !(form.id === "choices" && button))) return;
    event.preventDefault();
    if (!sending && ((button && button.name) || text.value.trim())) send(form, button);
  });
  text.addEventListener("input", grow);
  text.addEventListener("keydown", function (event) {
    if (event.keyCode !== 13 || !(event.ctrlKey || event.metaKey)) return;
    if (!over && !sending && text.value.trim()) send(say);
  });
  root.className += window.speechSynthesis ? " lives voice" : " lives";
  each(document.querySelectorAll(".row"), voice);
  grow();
  ($("new") || $("end")).scrollIntoView();
  live();
})();
