// The unsaved session: what was done, in order, with a place in it for undo and redo. It survives a reload in this browser.
const LONGEST = 500; // steps that can be taken back

export class Session {
  constructor(key, version, number) {
    this.key = key;
    this.fresh(version, number);
  }

  fresh(version, number) {
    Object.assign(this, { version, number, steps: [], at: 0, reason: "" });
  }

  // What another visit left here: {version, number, steps, at, reason}, or nothing.
  left() {
    try {
      const found = JSON.parse(localStorage.getItem(this.key) ?? "null");
      return found && Array.isArray(found.steps) && found.at > 0 ? found : null;
    } catch {
      return null;
    }
  }

  take({ steps, at, reason }) {
    this.steps = steps;
    this.at = at;
    this.reason = reason ?? "";
  }

  get edits() {
    return this.steps.slice(0, this.at).flatMap((step) => step.edits);
  }

  get count() {
    return this.at;
  }

  get labels() {
    return this.steps.slice(0, this.at).map((step) => step.label);
  }

  get canRedo() {
    return this.at < this.steps.length;
  }

  push(edits, label) {
    this.steps.length = this.at;
    this.steps.push({ edits, label });
    this.at = this.steps.length;
    this.keep();
  }

  get full() {
    return this.at >= LONGEST;
  }

  // Takes the step out that holds the edit of that number, because it does not fit any more; answers its label.
  without(edit) {
    let seen = 0;
    const place = this.steps.slice(0, this.at).findIndex((step) => (seen += step.edits.length) > edit);
    if (place < 0) return null;
    const [gone] = this.steps.splice(place, 1);
    this.at -= 1;
    return gone.label;
  }

  keep() {
    const { version, number, steps, at, reason } = this;
    try {
      if (at === 0 && steps.length === 0) localStorage.removeItem(this.key);
      else localStorage.setItem(this.key, JSON.stringify({ version, number, steps, at, reason }));
    } catch {
      // Storage is full or forbidden: the session lives on this page only, and leaving it warns.
    }
  }

  forget() {
    this.steps = [];
    this.at = 0;
    this.keep();
  }
}
