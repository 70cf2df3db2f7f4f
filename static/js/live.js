// A run, live. Each running step's process has a numbered stream; whoever reconnects says the last number it saw, so nothing
// is missed and nothing is shown twice. The steps themselves are asked for again when something changed, and now and then.
const run = document.querySelector("[data-run]");
const sign = document.getElementById("connection");
const steps = document.getElementById("steps");
const FIRST_WAIT = 0.5;
const LONGEST_WAIT = 30;
const ASK_EVERY = 4; // seconds between looks at the steps, while the run goes on
const streams = new Map();

const going = () => ["running", "waiting", "pending"].includes(steps?.querySelector("[data-state]")?.dataset.state);

function tell(state) {
  if (!sign || sign.dataset.state === state) return;
  sign.dataset.state = state;
  sign.textContent = sign.dataset[state] ?? "";
}

function showConnection() {
  if (!going()) return tell("done");
  const states = [...streams.values()].map((stream) => stream.state);
  if (states.includes("waiting")) tell("waiting");
  else tell("live");
}

function line(event) {
  const item = document.createElement("li");
  const number = document.createElement("span");
  number.className = "stream-number";
  number.textContent = event.number;
  const words = document.createElement("span");
  words.textContent = event.text ?? event.data?.text ?? event.data?.message ?? event.kind.replaceAll("_", " ");
  const at = document.createElement("time");
  at.className = "stream-at";
  at.dateTime = event.at;
  at.textContent = event.at.slice(11, 19);
  item.append(number, words, at);
  return item;
}

class Stream {
  constructor(url, after) {
    this.url = url;
    this.after = after;
    this.seen = []; // shown again when the steps were rendered a moment before the last events came
    this.wait = FIRST_WAIT;
    this.state = "waiting";
    this.open();
  }

  open() {
    this.socket = new WebSocket(`${this.url}?after=${this.after}`);
    this.socket.addEventListener("open", () => {
      this.wait = FIRST_WAIT;
      this.set("live");
    });
    this.socket.addEventListener("message", (message) => this.take(JSON.parse(message.data)));
    this.socket.addEventListener("close", (event) => this.closed(event.code));
  }

  take(event) {
    if (event.number <= this.after) return; // sent again after a reconnect
    this.after = event.number;
    this.seen.push(event);
    this.show([event]);
    if (/finish|fail|done|state|signal/.test(event.kind)) lookSoon();
  }

  show(events) {
    const list = document.querySelector(`[data-socket="${CSS.escape(this.url)}"]`);
    const fresh = list ? events.filter((event) => event.number > Number(list.dataset.after)) : [];
    if (!fresh.length) return;
    const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - 8;
    list.append(...fresh.map(line));
    list.dataset.after = fresh.at(-1).number;
    if (atEnd) list.scrollTop = list.scrollHeight; // follows, unless the reader has scrolled up
  }

  // 4403 and 4404 are answers, not accidents: the page itself tells what one may see.
  closed(code) {
    if (this.ended || code === 4403 || code === 4404) return this.set("off");
    this.set("waiting");
    const jitter = 0.5 + Math.random() / 2;
    this.timer = setTimeout(() => this.open(), this.wait * jitter * 1000);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  end() {
    this.ended = true;
    clearTimeout(this.timer);
    this.socket.close();
  }

  set(state) {
    this.state = state;
    showConnection();
  }
}

function connect() {
  const wanted = new Set();
  for (const list of document.querySelectorAll("[data-socket]")) {
    const { socket: url, after } = list.dataset;
    wanted.add(url);
    if (streams.has(url)) streams.get(url).show(streams.get(url).seen);
    else streams.set(url, new Stream(url, Number(after) || 0));
    list.scrollTop = list.scrollHeight;
  }
  for (const [url, stream] of streams) {
    if (wanted.has(url)) continue;
    stream.end();
    streams.delete(url);
  }
  showConnection();
}

let soon;
function lookSoon() {
  clearTimeout(soon);
  soon = setTimeout(look, 300);
}

async function look() {
  if (!run.dataset.steps || document.hidden) return;
  const open = new Map([...steps.querySelectorAll(".step[id] > details")].map((item) => [item.parentElement.id, item.open]));
  const unfolded = [...steps.querySelectorAll("details[id]")].map((item) => [item.id, item.open]);
  const focused = document.activeElement?.closest?.("[id]")?.id;
  let answer;
  try {
    answer = await fetch(run.dataset.steps, { headers: { "HX-Request": "true" } });
  } catch {
    return tell("waiting");
  }
  if (!answer.ok) return;
  const text = await answer.text();
  // A menu, a selection or a form in use is not pulled away under the reader's hand.
  if (steps.querySelector("form:focus-within, :popover-open") || String(getSelection())) return;
  steps.innerHTML = text;
  for (const [id, wasOpen] of open) {
    const details = document.getElementById(id)?.querySelector(":scope > details");
    if (details && !details.closest(".step--failed")) details.open = wasOpen || details.open;
  }
  for (const [id, wasOpen] of unfolded) {
    const details = document.getElementById(id);
    if (details) details.open = wasOpen;
  }
  if (focused) document.getElementById(focused)?.focus?.({ preventScroll: true });
  window.htmx.process(steps);
  connect();
}

if (run) {
  connect();
  setInterval(() => going() && look(), ASK_EVERY * 1000);
  document.addEventListener("visibilitychange", () => !document.hidden && going() && look());
}
