<?php

namespace MediaWiki\Extension\WikiFarm;

/**
 * How many PHP workers of this machine may wait for events at the same time. Somebody who gets no place is told what
 * there is and asks again: so, however many watch, the other workers answer page views. A place is a locked file; it is
 * free again when its holder ends, whichever way.
 */
class StreamPlaces {
	/** @var resource[] Held as long as this process answers */
	private array $held = [];

	public function __construct(
		private readonly string $directory,
		private readonly string $wikiId,
		private readonly int $places
	) {
	}

	/** @return bool Whether this process may wait now */
	public function take(): bool {
		for ( $place = 1; $place <= $this->places; $place++ ) {
			$name = 'wikifarm-stream-' . md5( $this->wikiId ) . "-$place.lock";
			// phpcs:ignore Generic.PHP.NoSilencedErrors.Discouraged -- where it cannot be made, nobody waits
			$file = @fopen( "$this->directory/$name", 'c' );
			if ( $file && flock( $file, LOCK_EX | LOCK_NB ) ) {
				$this->held[] = $file;
				return true;
			}
		}
		return false;
	}

	/** Gives back what this process holds. */
	public function leave(): void {
		foreach ( $this->held as $file ) {
			fclose( $file );
		}
		$this->held = [];
	}
}
