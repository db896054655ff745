/** A number whose digits a double does not keep: its text as it was written. */
export class WrittenNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
