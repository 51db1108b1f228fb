/** Where everything of a small plot over time stands: pure, so that it can be looked at without a browser. */
import { scaleLinear, scaleUtc } from 'd3-scale'
import { curveStepAfter, line } from 'd3-shape'

interface Point {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly value: number
}

export interface Series {
  readonly label: string
  readonly points: readonly Point[]
}

export interface PlotOptions {
  readonly series: readonly Series[]
  /** From when to when. */
  readonly span: readonly [number, number]
  /** Pixels. */
  readonly width: number
  readonly height: number
  /** Time goes from right to left. */
  readonly fromRight: boolean
}

export interface PlotLayout {
  readonly lines: readonly {
    readonly label: string
    readonly path: string
    readonly last: Place | undefined
  }[]
  readonly values: readonly { readonly value: number; readonly y: number }[]
  readonly times: readonly { readonly at: number; readonly x: number }[]
  /** Of what is drawn in, from the left and the top. */
  readonly inner: {
    readonly left: number
    readonly right: number
    readonly top: number
    readonly bottom: number
  }
}

interface Place {
  readonly x: number
  readonly y: number
}

/** Room for the numbers beside it, and for the times below. */
const margin = { numbers: 44, other: 12, top: 10, bottom: 24 }

export function plotLayout({ series, span, width, height, fromRight }: PlotOptions): PlotLayout {
  const inner = {
    left: fromRight ? margin.other : margin.numbers,
    right: width - (fromRight ? margin.numbers : margin.other),
    top: margin.top,
    bottom: height - margin.bottom,
  }
  // What is counted has no halves.
  const isWhole = series.every(({ points }) => points.every(({ value }) => Number.isInteger(value)))
  const highest = Math.max(1, ...series.flatMap(({ points }) => points.map(({ value }) => value)))
  const x = scaleUtc()
    .domain([...span])
    .range(fromRight ? [inner.right, inner.left] : [inner.left, inner.right])
  const y = scaleLinear().domain([0, highest]).nice(4).range([inner.bottom, inner.top])
  const path = line<Point>()
    .x(({ at }) => x(at))
    .y(({ value }) => y(value))
    .curve(curveStepAfter)
  return {
    lines: series.map(({ label, points }) => {
      const last = points.at(-1)
      return {
        label,
        path: path([...points]) ?? '',
        last: last === undefined ? undefined : { x: x(last.at), y: y(last.value) },
      }
    }),
    values: y
      .ticks(4)
      .filter((value) => !isWhole || Number.isInteger(value))
      .map((value) => ({ value, y: y(value) })),
    times: x.ticks(Math.max(2, Math.floor(width / 110))).map((at) => ({ at: at.getTime(), x: x(at) })),
    inner,
  }
}
