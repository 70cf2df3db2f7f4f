// Serves /approvals/ when there is no connection: the inbox and the requests last seen, marked with their time. It decides
// nothing, sends nothing later, and keeps one person's pages only, until they leave.
const PAGES = "vos-approvals:";
const ASSETS = "vos-approvals-assets";
const MOST = 20; // requests that are kept
const NOTICES = "/approvals/notices/";
const NO_PAGE = "/approvals/offline/";
const NOT_SENT = "/approvals/offline/?vote";
const PERSON = "VOS-Person";
const SEEN = "VOS-Seen-At";

addEventListener("install", (event) => {
  event.waitUntil(caches.open(ASSETS).then((cache) => cache.addAll([NO_PAGE, NOT_SENT])).then(() => skipWaiting()));
});

addEventListener("activate", (event) => event.waitUntil(clients.claim()));

addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (request.method === "GET") event.respondWith(page(event, request));
    else event.respondWith(fetch(request).catch(() => refused(url)));
  } else if (request.method === "GET" && /^\/(static|bundles)\//.test(url.pathname)) {
    event.respondWith(asset(event, request));
  }
});

addEventListener("message", (event) => {
  const { keep, assets } = event.data ?? {};
  if (keep) event.waitUntil(keepFirst(keep, assets ?? []));
});

async function page(event, request) {
  let answer;
  try {
    answer = await fetch(request);
  } catch {
    return (await kept(request.url)) ?? (await caches.match(NO_PAGE));
  }
  event.waitUntil(keep(request.url, answer.clone()));
  return answer;
}

function isKeepable(url) {
  return /^\/approvals\/([0-9a-f-]{36}\/)?$/.test(new URL(url).pathname);
}

async function keep(url, answer) {
  if (!isKeepable(url)) return;
  // These pages redirect only to the login: whoever was here is here no more.
  if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 401) return forget("");
  const person = answer.headers.get(PERSON);
  if (!answer.ok || !person) return;
  await forget(person);
  const cache = await caches.open(PAGES + person);
  const headers = new Headers(answer.headers);
  headers.set(SEEN, new Date().toISOString());
  headers.delete("Content-Encoding");
  headers.delete("Content-Length");
  await cache.delete(url);
  await cache.put(url, new Response(await answer.blob(), { headers }));
  const requests = (await cache.keys()).filter((one) => new URL(one.url).pathname.length > 40);
  for (const old of requests.slice(0, -MOST)) await cache.delete(old);
}

async function forget(person) {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES) && name !== PAGES + person);
  await Promise.all(names.map((name) => caches.delete(name)));
}

async function kept(url) {
  const found = await caches.match(url, { ignoreVary: true });
  if (!found) return undefined;
  const html = await found.text();
  const seen = found.headers.get(SEEN);
  const language = html.match(/<html lang="([\w-]+)"/)?.[1];
  const at = new Date(seen).toLocaleString(language, { dateStyle: "medium", timeStyle: "short" });
  const marked = html
    .replace("<html ", "<html data-kept data-offline ")
    .replace('id="offline" hidden', 'id="offline"')
    .replace('<time id="seen-at">', `<time id="seen-at" datetime="${seen}">${at}`);
  return new Response(marked, { headers: found.headers });
}

async function refused(url) {
  const html = await (await caches.match(NOT_SENT)).text();
  const back = url.pathname.replace(/[a-z]+\/$/, "");
  return new Response(html.replace('data-back href="/approvals/"', `href="${back}"`), {
    status: 503,
    headers: { "Content-Type": "text/html; charset=utf-8" },
  });
}

async function asset(event, request) {
  const cache = await caches.open(ASSETS);
  const found = await cache.match(request, { ignoreVary: true });
  const fresh = async () => {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  };
  if (!found) return fresh();
  if (!new URL(request.url).pathname.startsWith("/bundles/")) event.waitUntil(fresh().catch(() => {}));
  return found;
}

async function keepFirst(url, assets) {
  const cache = await caches.open(ASSETS);
  const own = assets.filter((one) => one.startsWith(location.origin) && /\/(static|bundles)\//.test(one));
  await Promise.all(own.map((one) => cache.add(new Request(one, { cache: "force-cache" })).catch(() => {})));
  await keep(url, await fetch(url, { credentials: "same-origin" }));
}

// A notice says that something waits, and where; never what.
addEventListener("push", (event) => {
  const told = event.data?.json() ?? {};
  event.waitUntil(
    registration.showNotification(told.title ?? "VOS", {
      body: told.body ?? "",
      tag: told.tag,
      lang: told.lang,
      icon: "/static/approvals/icons/192.png",
      badge: "/static/approvals/icons/badge.png",
      data: { url: told.url ?? "/approvals/" },
    }),
  );
});

// The push service gives an address up now and then. Some browsers hand the new one over, some only say that the old one is gone.
addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

async function renew({ oldSubscription, newSubscription }) {
  const page = await fetch(NOTICES, { credentials: "same-origin" });
  if (!page.ok || page.redirected) return; // nobody is signed in: whoever is next switches it on again
  const html = await page.text();
  const token = html.match(/<meta name="csrf-token" content="([^"]+)"/)?.[1];
  const key = html.match(/data-key="([^"]+)"/)?.[1];
  const options = oldSubscription?.options ?? { userVisibleOnly: true, applicationServerKey: key };
  const made = newSubscription ?? (await registration.pushManager.subscribe(options));
  const { endpoint, keys } = made.toJSON();
  const former = oldSubscription?.endpoint;
  const body = new URLSearchParams({ endpoint, ...keys, ...(former && { former }) });
  await fetch(`${NOTICES}devices/${former ? "change/" : ""}`, { method: "POST", headers: { "X-CSRFToken": token }, body });
}

addEventListener("notificationclick", (event) => {
  event.notification.close();
  const wanted = new URL(event.notification.data?.url ?? "/approvals/", location.origin);
  const url = wanted.origin === location.origin ? wanted.href : `${location.origin}/approvals/`;
  event.waitUntil(show(url));
});

async function show(url) {
  const open = await clients.matchAll({ type: "window" });
  const here = open.find((client) => client.url === url) ?? open[0];
  if (!here) return clients.openWindow(url);
  await here.focus();
  return here.url === url ? here : here.navigate(url);
}
