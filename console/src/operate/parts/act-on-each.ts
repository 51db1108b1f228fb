/** The same for several rows, one after the other: what one of them is refused keeps none of the others. */
import { asFarmApiError, type FarmApiError } from '@wikistead/components'

export interface Outcome<Row> {
  readonly row: Row
  /** Undefined where it was done. */
  readonly refused: FarmApiError | undefined
}

/** Safe to repeat where `act` is. */
export async function actOnEach<Row>(
  rows: readonly Row[],
  act: (row: Row) => Promise<unknown>,
): Promise<readonly Outcome<Row>[]> {
  const outcomes: Outcome<Row>[] = []
  for (const row of rows) {
    outcomes.push(
      await act(row).then(
        () => ({ row, refused: undefined }),
        (error: unknown) => ({ row, refused: asFarmApiError(error) }),
      ),
    )
  }
  return outcomes
}
