<?php

namespace MediaWiki\Extension\WikiFarm\Tests;

use MediaWiki\Extension\WikiFarm\StreamPlaces;
use PHPUnit\Framework\TestCase;

/** @covers \MediaWiki\Extension\WikiFarm\StreamPlaces */
class StreamPlacesTest extends TestCase {
	private string $directory;

	protected function setUp(): void {
		$this->directory = sys_get_temp_dir() . '/wikifarm-places-' . bin2hex( random_bytes( 6 ) );
		mkdir( $this->directory );
	}

	protected function tearDown(): void {
		array_map( 'unlink', glob( "$this->directory/*" ) );
		rmdir( $this->directory );
	}

	private function of( int $places, string $wiki = 'hub' ): StreamPlaces {
		return new StreamPlaces( $this->directory, $wiki, $places );
	}

	public function testThereAreAsManyAsAreSaid() {
		[ $first, $second, $third ] = [ $this->of( 2 ), $this->of( 2 ), $this->of( 2 ) ];
		$this->assertTrue( $first->take() );
		$this->assertTrue( $second->take() );
		$this->assertFalse( $third->take() );
		$this->assertTrue( $this->of( 2, 'another' )->take() );
		$first->leave();
		$this->assertTrue( $third->take() );
	}

	public function testNoneIsNone() {
		$this->assertFalse( $this->of( 0 )->take() );
		$this->assertFalse( ( new StreamPlaces( '/nonexistent', 'hub', 5 ) )->take() );
	}
}
