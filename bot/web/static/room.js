// Forms work too.
const $ = (id) => document.getElementById(id);
const log = $("log"), text = $("text"), say = $("say");
let cursor = +log.dataset.last, pause = 1000, misses = 0;
let over, sending, away, stream, mark;

function offline(is) {
  if (over || is === !!away) return;
  away = is;
  $("notice").textContent = is ? $("room").dataset.offline : "";
}

function take(html, answer) {
  const part = document.createElement("template");
  part.innerHTML = html;
  const seek = (what) => part.content.querySelector(what);
  const end = seek("main");
  if (end) {
    // An answer says more than a stream.
    if (over && !answer) return;
    if (!answer && text.value) end.append(say);
    document.querySelector("main").replaceWith(end);
    over = true;
    stream?.close();
    return;
  }
  const follow = answer || innerHeight + scrollY > document.body.scrollHeight - 150;
  let first;
  for (const row of part.content.querySelectorAll("[data-seq]")) {
    if (+row.dataset.seq <= cursor) continue;
    cursor = +row.dataset.seq;
    log.append(row);
    first ??= row;
  }
  const fresh = seek("#choices"), notice = seek("#notice");
  if (fresh && +fresh.dataset.last >= cursor) {
    cursor = +fresh.dataset.last;
    const held = $("choices").contains(document.activeElement);
    $("choices").replaceWith(fresh);
    if (held) fresh.focus({ preventScroll: true });
  }
  if (notice && (answer || first)) $("notice").replaceWith(notice);
  if (!follow || !(first || answer)) return;
  if (!sending || !mark) mark = first;
  $("end").scrollIntoView();
  if (mark?.getBoundingClientRect().top < 60) mark.scrollIntoView();
}

function ask(address, more) {
  const stop = new AbortController();
  setTimeout(() => stop.abort(), 20000);
  return fetch(address, { ...more, headers: { "Engawa-After": cursor }, signal: stop.signal });
}

async function send(form, button) {
  sending = true;
  mark = null;
  const fields = new URLSearchParams(new FormData(form));
  if (button?.name) fields.set(button.name, button.value);
  const written = form === say && text.value;
  try {
    const answer = await ask("/room/send", { method: "POST", body: fields });
    const html = await answer.text();
    offline(false);
    take(html, true);
    if (answer.ok && form === say && !over) {
      if (text.value === written) text.value = "";
      grow();
      say.elements.event.value = $("choices").dataset.next;
    }
  } catch {
    offline(true);
  }
  sending = false;
}

function later(what) {
  pause = Math.min(pause * 2, 30000);
  setTimeout(what, pause);
}

function live() {
  if (over) return;
  if (misses > 2) return poll();
  let here;
  stream = new EventSource("/room/live?after=" + cursor);
  const miss = () => {
    clearTimeout(doubt);
    stream.close();
    if (!here) misses++;
    if (pause > 1000) offline(true);
    later(live);
  };
  // Held by a proxy.
  const doubt = setTimeout(() => miss((misses = 3)), 8000);
  stream.addEventListener("here", () => {
    clearTimeout(doubt);
    here = true;
    misses = 0;
    pause = 1000;
    offline(false);
  });
  stream.onmessage = (event) => take(event.data);
  stream.onerror = miss;
}

async function poll() {
  if (over) return;
  try {
    const answer = await ask("/room/after?seq=" + cursor);
    offline(!answer.ok);
    if (answer.ok) {
      take(await answer.text());
      pause = 2000;
    }
  } catch {
    offline(true);
  }
  later(poll);
}

function grow() {
  text.style.height = "auto";
  text.style.height = text.scrollHeight + 2 + "px";
}

addEventListener("submit", (event) => {
  const form = event.target, button = event.submitter;
  if (over || (form !== say && !(form.id === "choices" && button))) return;
  event.preventDefault();
  if (!sending && (button?.name || text.value.trim())) send(form, button);
});
text.addEventListener("input", grow);
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) say.requestSubmit();
});
document.documentElement.classList.add("lives");
grow();
($("new") || $("end")).scrollIntoView();
live();
