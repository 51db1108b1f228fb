<?php

namespace MediaWiki\Extension\WikiFarm;

use Closure;
use Generator;

/**
 * A task's events on their way from the service to one browser, chunk by chunk as they come. It ends with the service's
 * stream, or when its time is up; the browser then comes back with the last id that it has, after the time that the
 * `retry` line names.
 */
class EventPassage {
	/** How often a silent passage asks whether the browser is still there. */
	private const SECONDS_OF_SILENCE = 2;

	/** @var Closure(): float */
	private Closure $clock;

	/**
	 * @param resource $stream The service's answer
	 * @param float $seconds How long it may take
	 * @param int $retryMs When the browser shall come back
	 * @param (Closure(): float)|null $clock For tests; seconds
	 */
	public function __construct(
		private $stream,
		private readonly float $seconds,
		private readonly int $retryMs,
		?Closure $clock = null
	) {
		$this->clock = $clock ?? static fn () => microtime( true );
	}

	/** @return Generator<string> What to send, each at once */
	public function chunks(): Generator {
		try {
			yield "retry: $this->retryMs\n\n";
			stream_set_blocking( $this->stream, false );
			$deadline = ( $this->clock )() + $this->seconds;
			// What the service sent as one may come in two; what was begun is sent to its end.
			$begun = false;
			while ( !feof( $this->stream ) ) {
				$left = $deadline - ( $this->clock )();
				if ( $left <= 0 && !$begun ) {
					return;
				}
				if ( $left <= -self::SECONDS_OF_SILENCE ) {
					return;
				}
				if ( !$this->isReadable( min( self::SECONDS_OF_SILENCE, max( $left, 0.05 ) ) ) ) {
					if ( !$begun ) {
						yield ": still here\n\n";
					}
					continue;
				}
				$chunk = fread( $this->stream, 65536 );
				if ( $chunk === false ) {
					return;
				}
				if ( $chunk !== '' ) {
					$begun = !str_ends_with( $chunk, "\n\n" );
					yield $chunk;
				}
			}
		} finally {
			fclose( $this->stream );
		}
	}

	private function isReadable( float $seconds ): bool {
		$read = [ $this->stream ];
		$write = $except = null;
		$whole = (int)$seconds;
		return (bool)stream_select( $read, $write, $except, $whole, (int)( ( $seconds - $whole ) * 1e6 ) );
	}
}
