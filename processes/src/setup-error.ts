/** Something that the person at the terminal must mend. The message is one line and says what to run. */
export class SetupError extends Error {
  override readonly name = 'SetupError'
}
