<?php

namespace MediaWiki\Extension\WikiFarm\Tests\Rest;

use MediaWiki\Config\HashConfig;
use MediaWiki\Extension\WikiFarm\FeaturedWikis;
use MediaWiki\Extension\WikiFarm\Rest\FeaturedWikisHandler;
use MediaWiki\Extension\WikiFarm\Rest\OwnWikisHandler;
use MediaWiki\Extension\WikiFarm\Rest\WikiListHandler;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Permissions\Authority;
use Wikimedia\ObjectCache\HashBagOStuff;
use Wikimedia\ObjectCache\WANObjectCache;

/**
 * @covers \MediaWiki\Extension\WikiFarm\FeaturedWikis
 * @covers \MediaWiki\Extension\WikiFarm\Rest\FeaturedWikisHandler
 * @covers \MediaWiki\Extension\WikiFarm\Rest\OwnWikisHandler
 * @covers \MediaWiki\Extension\WikiFarm\Rest\WikiListHandler
 */
class WikiListHandlersTest extends RestHandlerTestCase {
	private const PAGE = [ 'wikis' => [ [ 'name' => 'Notes' ] ], 'next_offset' => 12 ];

	private static function handler( string $which, ServiceClient $client, int $usual = 12 ): WikiListHandler {
		$config = new HashConfig( [ 'WikiFarmFeaturedPageSize' => $usual ] );
		return $which === 'own' ? new OwnWikisHandler( $client, $config ) :
			new FeaturedWikisHandler( $client, $config, self::featured( $client ) );
	}

	private static function featured( ServiceClient $client ): FeaturedWikis {
		return new FeaturedWikis( $client, new WANObjectCache( [ 'cache' => new HashBagOStuff() ] ) );
	}

	/** As many wikis, the first of them numbered so, as the service has them in a block. */
	private static function wikis( int $first, int $count ): array {
		return array_map( static fn ( $number ) => [ 'name' => "Wiki $number" ], range( $first, $first + $count - 1 ) );
	}

	/** @dataProvider provideNobody */
	public function testEverybodySeesWhatIsFeatured( Authority $nobody ) {
		$client = $this->answering( 200, [ 'wikis' => self::wikis( 1, 13 ) ] );
		$answer = $this->request( self::handler( 'featured', $client ), $nobody );
		$this->assertAnswer( 200, [ 'wikis' => self::wikis( 1, 12 ), 'next_offset' => 12 ], $answer );
		$sent = $this->assertSent( 'GET', '/provisioner/v1/wikis?featured=1&limit=100&offset=0' );
		$this->assertArrayNotHasKey( 'authorization', $sent['headers'] );
	}

	public function testAsksOnceForManyWhoSeeTheSamePage() {
		$client = $this->answering( 200, [ 'wikis' => self::wikis( 1, 5 ) ] );
		$featured = self::featured( $client );
		$config = new HashConfig( [ 'WikiFarmFeaturedPageSize' => 12 ] );
		foreach ( [ self::member(), self::member( 'wikifarm-admin' ) ] as $member ) {
			$answer = $this->request( new FeaturedWikisHandler( $client, $config, $featured ), $member );
			$this->assertAnswer( 200, [ 'wikis' => self::wikis( 1, 5 ) ], $answer );
		}
		$this->assertSent( 'GET', '/provisioner/v1/wikis?featured=1&limit=100&offset=0' );
	}

	/** A visitor chooses both numbers: each pair kept, or asked for, would be another one. */
	public function testWhateverPagesAreAskedForAFewAreAskedOfTheServiceAndKept() {
		$client = $this->answering( 200, [ 'wikis' => self::wikis( 1, 100 ), 'next_offset' => 100 ] );
		$featured = self::featured( $client );
		for ( $offset = 0; $offset < 250; $offset += 3 ) {
			for ( $limit = 1; $limit <= 100; $limit += 33 ) {
				$page = $featured->page( $limit, $offset, 10 );
				$this->assertCount( $limit, $page['wikis'] );
				$this->assertSame( 'Wiki ' . ( $offset % 100 + 1 ), $page['wikis'][0]['name'] );
				$this->assertSame( $offset + $limit, $page['next_offset'] );
			}
		}
		$last = $featured->page( 100, 10000, 10 );
		$this->assertCount( 100, $last['wikis'] );
		$this->assertArrayNotHasKey( 'next_offset', $last );
		$targets = array_map( static fn ( $sent ) => $sent['target'], $this->service->requests() );
		$this->assertSame( array_unique( $targets ), $targets );
		$this->assertCount( 5, $targets );
	}

	public function testEverybodySeesTheirOwn() {
		$request = [ 'queryParams' => [ 'limit' => '5', 'offset' => '10' ] ];
		$answer = $this->request( self::handler( 'own', $this->answering( 200, self::PAGE ) ), self::member(), $request );
		$this->assertAnswer( 200, self::PAGE, $answer );
		$sent = $this->assertSent( 'GET', '/provisioner/v1/users/7/wikis?limit=5&offset=10' );
		$this->assertSame( [ '7', 'Ada', [] ], self::actorOf( $sent ) );
	}

	/** @dataProvider provideNobody */
	public function testNobodyHasWikisOfTheirOwn( Authority $nobody ) {
		$answer = $this->request( self::handler( 'own', $this->answering( 200, self::PAGE ) ), $nobody );
		$this->assertRefused( 401, 'sign_in_needed', 'Log in first.', $answer );
		$this->assertKey( 401, 'wikifarm-error-sign-in-needed', $answer );
		$this->assertNothingSent();
	}

	public static function provideUsualSizes(): iterable {
		yield 'none' => [ 0, 1 ];
		yield 'as it is set' => [ 30, 30 ];
		yield 'more than the service gives' => [ 1000, 100 ];
	}

	/** @dataProvider provideUsualSizes */
	public function testAPageIsAsLongAsTheServiceGives( int $set, int $asked ) {
		$this->request( self::handler( 'own', $this->answering( 200, self::PAGE ), $set ), self::member() );
		$this->assertSent( 'GET', "/provisioner/v1/users/7/wikis?limit=$asked&offset=0" );
	}

	public static function provideWrongPages(): iterable {
		$values = [ [ 'limit' => '0' ], [ 'limit' => '101' ], [ 'limit' => 'all' ], [ 'offset' => '-1' ], [ 'offset' => '10001' ] ];
		foreach ( [ 'own', 'featured' ] as $which ) {
			foreach ( $values as $query ) {
				yield "$which " . http_build_query( $query ) => [ $which, $query ];
			}
		}
	}

	/** @dataProvider provideWrongPages */
	public function testAsksForNoPageThatCannotBe( string $which, array $query ) {
		$handler = self::handler( $which, $this->answering( 200, self::PAGE ) );
		$answer = $this->request( $handler, self::member(), [ 'queryParams' => $query ] );
		$this->assertSame( [ 400, 'parameter-validation-failed', key( $query ) ],
			[ $answer->getStatusCode(), self::json( $answer )['error'], self::json( $answer )['name'] ] );
		$this->assertNothingSent();
	}

	/** @dataProvider provideBoth */
	public function testPassesOnWhatTheServiceRefuses( string $which ) {
		$answer = $this->request( self::handler( $which, $this->refusing( 429, 'rate_limited' ) ), self::member() );
		$this->assertRefused( 429, 'rate_limited', '(wikifarm-error-rate-limited)', $answer );
	}

	public static function provideBoth(): iterable {
		return [ [ 'own' ], [ 'featured' ] ];
	}

	public static function provideFailuresOfBoth(): iterable {
		foreach ( [ 'own', 'featured' ] as $which ) {
			foreach ( self::provideFailures() as $name => $failure ) {
				yield "$which: $name" => [ $which, ...$failure ];
			}
		}
	}

	/** @dataProvider provideFailuresOfBoth */
	public function testSaysWhenTheServiceDoesNotAnswer( string $which, string $how, int $status, string $code, string $words ) {
		$answer = $this->request( self::handler( $which, $this->failing( $how ) ), self::member() );
		$this->assertRefused( $status, $code, $words, $answer );
	}
}
