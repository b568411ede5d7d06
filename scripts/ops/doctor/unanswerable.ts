/** Nobody can say here whether it is well. The message says why. */
export class Unanswerable extends Error {
  override readonly name = 'Unanswerable';
}
