<?php

namespace MediaWiki\Extension\WikiFarm\Tests\Rest;

use MediaWiki\Config\HashConfig;
use MediaWiki\Extension\WikiFarm\Rest\TaskEventsHandler;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Extension\WikiFarm\StreamPlaces;
use MediaWiki\Permissions\Authority;
use MediaWiki\Rest\CopyableStreamInterface;
use MediaWiki\Rest\ResponseInterface;

/**
 * How long a stream may take to open is no setting, so a service that is too slow for it is not tried here.
 *
 * @covers \MediaWiki\Extension\WikiFarm\Rest\EventPassageBody
 * @covers \MediaWiki\Extension\WikiFarm\Rest\TaskEventsHandler
 */
class TaskEventsHandlerTest extends RestHandlerTestCase {
	private const EVENTS = "id: 1\nevent: progress\ndata: {}\n\nid: 2\nevent: status\ndata: {}\n\n";
	private string $directory;

	/** The handler's. Kept, for PHP gives back by itself what nobody holds any more. */
	private StreamPlaces $handlersPlaces;

	protected function setUp(): void {
		parent::setUp();
		$this->directory = sys_get_temp_dir() . '/wikifarm-events-' . bin2hex( random_bytes( 6 ) );
		mkdir( $this->directory );
	}

	protected function tearDown(): void {
		array_map( 'unlink', glob( "$this->directory/*" ) );
		rmdir( $this->directory );
		parent::tearDown();
	}

	/** Of this machine: one. */
	private function places(): StreamPlaces {
		return new StreamPlaces( $this->directory, 'hub', 1 );
	}

	private function follow(
		ServiceClient $client, Authority $authority, string $lastEventId = '', float $seconds = 20
	): ResponseInterface {
		$config = new HashConfig( [ 'WikiFarmStreamSeconds' => $seconds ] );
		$this->handlersPlaces = $this->places();
		$handler = new TaskEventsHandler( $client, $this->handlersPlaces, $config );
		$request = [ 'pathParams' => [ 'id' => 't1' ], 'headers' => [ 'Last-Event-ID' => $lastEventId ] ];
		return $this->request( $handler, $authority, $request );
	}

	/** The body as a browser gets it. */
	private function streamed( ResponseInterface $answer ): string {
		$body = $answer->getBody();
		$this->assertInstanceOf( CopyableStreamInterface::class, $body );
		$stream = fopen( 'php://memory', 'w+' );
		$levels = ob_get_level();
		try {
			$body->copyToStream( $stream );
			$this->assertSame( 0, ob_get_level(), 'nothing keeps what was written' );
		} finally {
			while ( ob_get_level() < $levels ) {
				ob_start();
			}
		}
		rewind( $stream );
		return stream_get_contents( $stream );
	}

	public function testFollowsATaskWhereThereIsAPlace() {
		$answer = $this->follow( $this->answering( 200, self::EVENTS ), self::member(), '17' );
		$this->assertSame( [ 200, 'text/event-stream; charset=utf-8', 'no-store', 'no' ], [
			$answer->getStatusCode(),
			$answer->getHeaderLine( 'Content-Type' ),
			$answer->getHeaderLine( 'Cache-Control' ),
			$answer->getHeaderLine( 'X-Accel-Buffering' ),
		] );
		$this->assertFalse( $this->places()->take(), 'the place is held as long as it follows' );
		$this->assertSame( "retry: 300\n\n" . self::EVENTS, $this->streamed( $answer ) );
		$this->assertTrue( $this->places()->take(), 'and is free again' );
		$sent = $this->assertSent( 'GET', '/provisioner/v1/tasks/t1/events' );
		$this->assertSame( [ '17', [ '7', 'Ada', [] ] ], [ $sent['headers']['last-event-id'], self::actorOf( $sent ) ] );
	}

	public static function provideWithoutAPlace(): iterable {
		yield 'another has it' => [ true, 20 ];
		yield 'nobody may wait' => [ false, 0 ];
	}

	/** @dataProvider provideWithoutAPlace */
	public function testTellsWhatThereIsWhereThereIsNoPlace( bool $taken, float $seconds ) {
		$another = $this->places();
		if ( $taken ) {
			$another->take();
		}
		$told = $this->streamed( $this->follow( $this->answering( 200, self::EVENTS ), self::member(), '', $seconds ) );
		$this->assertMatchesRegularExpression( '/^retry: [345]\d{3}\n\n/', $told );
		$this->assertStringEndsWith( self::EVENTS, $told );
		$this->assertArrayNotHasKey( 'last-event-id',
			$this->assertSent( 'GET', '/provisioner/v1/tasks/t1/events?follow=0' )['headers'] );
	}

	public static function provideWrongEventIds(): iterable {
		return [ [ 'x' ], [ '-1' ], [ '1 2' ], [ '1234567890123456' ], [ "1\r\nX-Evil: 1" ] ];
	}

	/** @dataProvider provideWrongEventIds */
	public function testBeginsAnewAfterAnEventThatCannotBe( string $lastEventId ) {
		$this->streamed( $this->follow( $this->answering( 200, self::EVENTS ), self::member(), $lastEventId ) );
		$headers = $this->assertSent( 'GET', '/provisioner/v1/tasks/t1/events' )['headers'];
		$this->assertArrayNotHasKey( 'last-event-id', $headers );
		$this->assertArrayNotHasKey( 'x-evil', $headers );
	}

	/** @dataProvider provideNobody */
	public function testIsForAccounts( Authority $nobody ) {
		$answer = $this->follow( $this->answering( 200, self::EVENTS ), $nobody );
		$this->assertRefused( 401, 'sign_in_needed', 'Log in first.', $answer );
		$this->assertNothingSent();
	}

	public static function provideUnopened(): iterable {
		yield 'another’s task' => [ 404, '{"code":"task_not_found"}', 404, 'task_not_found', '(wikifarm-error-task-not-found)' ];
		yield 'a fault' => [ 500, '{"code":"fault"}', 502, 'service_failed', 'Something went wrong at the farm.' ];
		yield 'another’s page' => [ 502, '<html>', 502, 'service_failed', 'Something went wrong at the farm.' ];
		yield 'another place' => [ 302, '', 502, 'service_failed', 'Something went wrong at the farm.' ];
	}

	/** @dataProvider provideUnopened */
	public function testPassesOnARefusalAndGivesItsPlaceBack( int $says, string $body, int $status, string $code, string $words ) {
		$answer = $this->follow( $this->answering( $says, $body ), self::member() );
		$this->assertRefused( $status, $code, $words, $answer );
		$this->assertTrue( $this->places()->take() );
	}

	public static function provideSilences(): iterable {
		foreach ( self::provideFailures() as $name => $failure ) {
			if ( in_array( $failure[0], [ 'down', 'off' ] ) ) {
				yield $name => $failure;
			}
		}
	}

	/** @dataProvider provideSilences */
	public function testSaysWhenTheServiceDoesNotAnswerAndGivesItsPlaceBack( string $how, int $status, string $code, string $words ) {
		$this->assertRefused( $status, $code, $words, $this->follow( $this->failing( $how ), self::member() ) );
		$this->assertTrue( $this->places()->take() );
	}
}
