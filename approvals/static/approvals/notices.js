// "Tell me on this device": asks the browser for a subscription and hands it to the server.
const place = document.querySelector("[data-push]");
const words = place?.querySelector("[data-push-state]");
const on = place?.querySelector("[data-push-on]");
const off = place?.querySelector("[data-push-off]");
const token = document.querySelector('meta[name="csrf-token"]')?.content;

function show(state) {
  words.textContent = place.dataset[state];
  on.hidden = state !== "off" && state !== "failed";
  off.hidden = state !== "on";
}

function bytes(text) {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/").padEnd(Math.ceil(text.length / 4) * 4, "="));
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

async function send(url, values) {
  const answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams(values) });
  if (!answer.ok) throw new Error(`${answer.status}`);
}

async function subscribe(registration) {
  if ((await Notification.requestPermission()) !== "granted") return show("denied");
  const made = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(place.dataset.key) });
  const { endpoint, keys } = made.toJSON();
  await send(place.dataset.add, { endpoint, ...keys });
  location.reload();
}

async function unsubscribe(registration) {
  const made = await registration.pushManager.getSubscription();
  if (made) {
    await send(place.dataset.remove, { endpoint: made.endpoint });
    await made.unsubscribe();
  }
  location.reload();
}

async function begin() {
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return show("unable");
  const registration = await navigator.serviceWorker.ready;
  const act = (deed) => () => deed(registration).catch(() => show("failed"));
  on.addEventListener("click", act(subscribe));
  off.addEventListener("click", act(unsubscribe));
  if (Notification.permission === "denied") return show("denied");
  show((await registration.pushManager.getSubscription()) ? "on" : "off");
}

if (place) begin();
