// Shows what is new, live or by asking; leaves the page when the session has ended.
const main = document.querySelector("main");
let misses = 0;

function show(numbers) {
  for (const place of document.querySelectorAll("[data-news=limits]")) {
    place.textContent = numbers.limits || (place.closest("nav") ? "" : 0);
    if (place.closest("nav")) place.hidden = !numbers.limits;
  }
  const audit = document.querySelector("[data-news=audit]");
  if (audit && numbers.audit > +audit.dataset.newest) audit.hidden = false;
}

function leave() {
  location.replace("/staff/sign-in");
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
  stream.addEventListener("gone", leave);
  stream.onerror = miss;
}

async function poll() {
  try {
    const answer = await fetch(main.dataset.ask);
    if (answer.status === 401) return leave();
    if (answer.ok) show(await answer.json());
  } catch {
    // Not connected just now: the next look tells.
  }
  setTimeout(poll, 15000);
}

live();
