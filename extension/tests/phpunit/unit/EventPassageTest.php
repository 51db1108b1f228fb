<?php

namespace MediaWiki\Extension\WikiFarm\Tests;

use MediaWiki\Extension\WikiFarm\EventPassage;
use PHPUnit\Framework\TestCase;

/** @covers \MediaWiki\Extension\WikiFarm\EventPassage */
class EventPassageTest extends TestCase {
	/** @var resource[] One end is the service's, the other the passage's */
	private array $pair;

	protected function setUp(): void {
		$this->pair = stream_socket_pair( STREAM_PF_UNIX, STREAM_SOCK_STREAM, 0 );
	}

	public function testPassesOnWhatComesAndEndsWithTheService() {
		[ $service, $own ] = $this->pair;
		$chunks = ( new EventPassage( $own, 10, 300 ) )->chunks();
		$this->assertSame( "retry: 300\n\n", $chunks->current() );
		fwrite( $service, "id: 1\ndata: a\n\n" );
		$chunks->next();
		$this->assertSame( "id: 1\ndata: a\n\n", $chunks->current() );
		fwrite( $service, "id: 2\ndata: b\n\n" );
		fclose( $service );
		$rest = '';
		for ( $chunks->next(); $chunks->valid(); $chunks->next() ) {
			$rest .= $chunks->current();
		}
		$this->assertSame( "id: 2\ndata: b\n\n", $rest );
		$this->assertFalse( is_resource( $own ) );
	}

	public function testEndsWhenItsTimeIsUpBetweenTwoEvents() {
		[ $service, $own ] = $this->pair;
		$now = 0.0;
		$chunks = ( new EventPassage( $own, 20, 300, static function () use ( &$now ) {
			return $now;
		} ) )->chunks();
		$chunks->current();
		fwrite( $service, "id: 1\nda" );
		$chunks->next();
		$this->assertSame( "id: 1\nda", $chunks->current() );
		// An event that was begun is passed on to its end.
		$now = 21.0;
		fwrite( $service, "ta: a\n\n" );
		$chunks->next();
		$this->assertSame( "ta: a\n\n", $chunks->current() );
		fwrite( $service, "id: 2\n" );
		$chunks->next();
		$this->assertFalse( $chunks->valid() );
		$this->assertFalse( is_resource( $own ) );
	}

	public function testASilentServiceIsAnsweredForSoThatWhoeverLeftIsNoticed() {
		[ , $own ] = $this->pair;
		$times = [ 0.0, 19.99, 20.1 ];
		$chunks = ( new EventPassage( $own, 20, 300, static function () use ( &$times ) {
			return array_shift( $times );
		} ) )->chunks();
		$chunks->current();
		$chunks->next();
		$this->assertSame( ": still here\n\n", $chunks->current() );
		$chunks->next();
		$this->assertFalse( $chunks->valid() );
	}
}
