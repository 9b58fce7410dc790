// output.js - what a program printed, as text nodes in spans, one class per channel.
//
// SPDX-License-Identifier: MIT

const LIMIT = 200_000; // characters kept; the oldest go first

export class Output {
  #element;
  #length = 0;
  #scheduled = false;
  #cut = false;

  /** @param {HTMLElement} element */
  constructor(element) {
    this.#element = element;
    this.clear();
  }

  clear() {
    this.#element.replaceChildren();
    this.#length = 0;
    this.#cut = false;
  }

  /**
   * @param {string} channel the class of the text
   * @param {string} text
   */
  append(channel, text) {
    if (!text) return;
    const follow = this.#atEnd();
    let last = this.#element.lastElementChild;
    if (last?.className !== channel || last.textContent.length > LIMIT / 20) {
      last = document.createElement('span');
      last.className = channel;
      this.#element.append(last);
    }
    last.append(text);
    this.#length += text.length;
    this.#trim();
    if (follow) this.#scroll();
  }

  /** A line of the page's own. */
  note(kind, text) {
    const line = document.createElement('p');
    line.className = kind;
    line.textContent = text;
    this.#element.append(line);
    this.#scroll();
  }

  #trim() {
    while (this.#length > LIMIT && this.#element.childElementCount > 1) {
      const first = this.#element.children[this.#cut ? 1 : 0];
      this.#length -= first.textContent.length;
      if (this.#cut) {
        first.remove();
        continue;
      }
      const mark = document.createElement('p');
      mark.className = 'note';
      mark.textContent = 'Earlier output is not kept.';
      first.replaceWith(mark);
      this.#cut = true;
    }
  }

  #atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#element;
    return scrollHeight - scrollTop - clientHeight < 40;
  }

  #scroll() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    requestAnimationFrame(() => {
      this.#scheduled = false;
      this.#element.scrollTop = this.#element.scrollHeight;
    });
  }
}
