// Quick exit: the page empties at once, then another takes its place. The plain form works too.
(function () {
  var root = document.documentElement, form = document.getElementById("exit"), times = [];
  function leave() {
    navigator.sendBeacon(form.action, new Blob(["beacon=1"], {
      type: "application/x-www-form-urlencoded"
    }));
    document.title = form.getAttribute("data-name");
    root.removeChild(document.body);
    location.replace(form.getAttribute("data-to"));
  }
  // A page that the browser held back for the way back is asked for anew.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) location.reload();
  });
  if (!navigator.sendBeacon) return;
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    leave();
  });
  document.addEventListener("keydown", function (event) {
    if (event.keyCode !== 27) {
      times = [];
      return;
    }
    times = times.concat(Date.now()).slice(-3);
    if (times.length === 3 && times[2] - times[0] < 2000) leave();
  });
})();
