const answersMax = 64;

interface Answer {
  digest: string;
  frame: string;
}

/**
 * The answers to a station's last CALLs, so that a message that it sends again under the same id gets the same
 * answer and is not processed twice. Lives and dies with the connection. // M-15
 */
export class AnsweredCalls {
  readonly #answers = new Map<string, Answer>();

  remember(messageId: string, digest: string, frame: string): void {
    this.#answers.delete(messageId);
    this.#answers.set(messageId, { digest, frame });
    if (this.#answers.size <= answersMax) return;
    for (const oldest of this.#answers.keys()) {
      this.#answers.delete(oldest);
      return;
    }
  }

  find(messageId: string): Readonly<Answer> | undefined {
    return this.#answers.get(messageId);
  }
}
