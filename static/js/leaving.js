// Where nobody is signed in, nothing of anybody is kept for reading offline. The server says so too when somebody signs out
// (Clear-Site-Data); this is for browsers that do not know that word, and for sessions that ended by themselves.
export async function leave() {
  if (!("caches" in window)) return;
  for (const name of await caches.keys()) if (name.startsWith("vos-approvals:")) await caches.delete(name);
}

if (document.querySelector("main.entrance form[action*='/login/']")) leave();
