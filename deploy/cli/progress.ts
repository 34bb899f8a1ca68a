/** Shows the steps of a long command on stderr, each with the time it took. */
export class Progress {
  private readonly write: (text: string) => void;
  private readonly monotonicMs: () => number;
  private readonly colour: boolean;

  constructor(
    write: (text: string) => void = (text) => void process.stderr.write(text),
    options: { monotonicMs?: () => number; colour?: boolean } = {},
  ) {
    this.write = write;
    this.monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.colour = options.colour ?? (process.stderr.isTTY === true && !process.env["NO_COLOR"]);
  }

  /** Runs one step; `remark` adds a word to its line. A failure is marked and thrown on. */
  async step<T>(title: string, run: (remark: (text: string) => void) => Promise<T>): Promise<T> {
    const startMs = this.monotonicMs();
    let remark = "";
    const seconds = (): string => `${((this.monotonicMs() - startMs) / 1000).toFixed(1)} s`;
    try {
      const result = await run((text) => (remark = ` (${text})`));
      this.write(`${this.paint("32", "✓")} ${title}${remark}  ${this.paint("2", seconds())}\n`);
      return result;
    } catch (error) {
      this.write(`${this.paint("31", "✗")} ${title}${remark}  ${this.paint("2", seconds())}\n`);
      throw error;
    }
  }

  /** A line that is not a step. */
  note(text: string): void {
    this.write(`${text}\n`);
  }

  private paint(code: string, text: string): string {
    return this.colour ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}
