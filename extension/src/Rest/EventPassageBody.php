<?php

namespace MediaWiki\Extension\WikiFarm\Rest;

use Closure;
use MediaWiki\Extension\WikiFarm\EventPassage;
use MediaWiki\Rest\CopyableStreamInterface;
use MediaWiki\Rest\StringStream;

/** A passage as the body of a REST answer: each chunk leaves PHP at once. */
class EventPassageBody extends StringStream implements CopyableStreamInterface {
	/**
	 * @param EventPassage $passage
	 * @param Closure(): void $atEnd
	 */
	public function __construct( private readonly EventPassage $passage, private readonly Closure $atEnd ) {
		parent::__construct();
	}

	/** @inheritDoc */
	public function copyToStream( $stream ) {
		// MediaWiki's would compress it, and all of them would keep it.
		while ( ob_get_level() > 0 && ob_end_clean() ) {
			continue;
		}
		try {
			foreach ( $this->passage->chunks() as $chunk ) {
				fwrite( $stream, $chunk );
				flush();
				if ( connection_aborted() ) {
					return;
				}
			}
		} finally {
			( $this->atEnd )();
		}
	}
}
