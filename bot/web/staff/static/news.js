// Shows what is new, live or by asking; leaves the page when the session has ended.
const main = document.querySelector("main");
let misses = 0, going = 0;

// On the way to another page: nothing here may overtake it.
addEventListener("beforeunload", () => (going = Date.now()));

function show(numbers) {
  for (const place of document.querySelectorAll("[data-news=limits]")) {
    place.textContent = numbers.limits || (place.closest("nav") ? "" : 0);
    if (place.closest("nav")) place.hidden = !numbers.limits;
  }
  const audit = document.querySelector("[data-news=audit]");
  if (audit && numbers.audit > +audit.dataset.newest) audit.hidden = false;
}

function leave() {
  if (Date.now() - going < 10000) setTimeout(poll, 15000);
  else location.replace("/staff/sign-in");
}

function live() {
  const stream = new EventSource(main.dataset.live);
  const miss = () => {
    clearTimeout(doubt);
    stream.close();
    misses++;
    setTimeout(misses > 2 ? poll : live, 3000 * misses);
  };
  // Held back by a proxy.
  const doubt = setTimeout(() => {
    misses = 3;
    miss();
  }, 8000);
  stream.addEventListener("news", (event) => {
    clearTimeout(doubt);
    misses = 0;
    show(JSON.parse(event.data));
  });
  // The session has ended, or goes on under a new token that this browser has already: asking tells.
  stream.addEventListener("gone", () => {
    clearTimeout(doubt);
    stream.close();
    poll();
  });
  stream.onerror = miss;
}

async function poll() {
  try {
    const answer = await fetch(main.dataset.ask);
    if (answer.status === 401) return leave();
    if (answer.ok) {
      show(await answer.json());
      if (misses < 3) return setTimeout(live, 1000);
    }
  } catch {
    // Not connected just now: the next look tells.
  }
  setTimeout(poll, 15000);
}

live();
