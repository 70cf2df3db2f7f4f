// Talking to the server: drafts in order, the newest only; nothing here knows the page.
const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";

export const UNREACHABLE = "The server could not be reached. Your changes are kept here; they are sent again with the next one.";

// Posts JSON; answers {status, body} where body is an object, or text for markup. Throws on abort only.
export async function post(url, message, signal) {
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": token, "HX-Request": "true" },
      body: JSON.stringify(message),
      signal,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    return { status: 0, body: { ok: false, problems: [{ message: UNREACHABLE }] } };
  }
  const isJson = answer.headers.get("Content-Type")?.startsWith("application/json");
  if (!isJson && answer.status >= 400 && answer.status !== 422) {
    const text = answer.status === 403 ? "Your role does not include this, or you were logged out." : `The server refused (${answer.status}).`;
    return { status: answer.status, body: { ok: false, problems: [{ message: `${text} Your changes are kept here.` }] } };
  }
  return { status: answer.status, body: isJson ? await answer.json() : await answer.text() };
}

const WAIT = 120; // milliseconds of quiet before what is being typed is computed

// What is being typed, computed after a moment of quiet. An answer that a newer question overtook is dropped.
export class Preview {
  #timer;
  #control;

  ask(send, use) {
    this.drop();
    this.#timer = setTimeout(async () => {
      const control = (this.#control = new AbortController());
      try {
        const answer = await send(control.signal);
        if (!control.signal.aborted) use(answer);
      } catch (error) {
        if (error.name !== "AbortError") throw error;
      }
    }, WAIT);
  }

  drop() {
    clearTimeout(this.#timer);
    this.#control?.abort();
  }
}
