<?php

namespace MediaWiki\Extension\WikiFarm\Tests\Rest;

use MediaWiki\Extension\WikiFarm\Rest\TaskActionHandler;
use MediaWiki\Extension\WikiFarm\Rest\TaskHandler;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Permissions\Authority;
use MediaWiki\Rest\ResponseInterface;

/**
 * @covers \MediaWiki\Extension\WikiFarm\Rest\TaskActionHandler
 * @covers \MediaWiki\Extension\WikiFarm\Rest\TaskHandler
 */
class TaskHandlersTest extends RestHandlerTestCase {
	private function look( ServiceClient $client, Authority $authority, string $id = 't1' ): ResponseInterface {
		return $this->request( new TaskHandler( $client ), $authority, [ 'pathParams' => [ 'id' => $id ] ] );
	}

	private function act( ServiceClient $client, Authority $authority, string $action, ?array $body = null ): ResponseInterface {
		$path = [ 'id' => 't1', 'action' => $action ];
		$body ??= [ 'token' => self::token() ];
		return $this->request( new TaskActionHandler( $client ), $authority, [ 'pathParams' => $path, 'json' => $body ] );
	}

	public function testTellsHowFarATaskIs() {
		$task = [ 'id' => 't1', 'status' => 'running' ];
		$this->assertAnswer( 200, $task, $this->look( $this->answering( 200, $task ), self::member( 'wikifarm-admin' ) ) );
		$sent = $this->assertSent( 'GET', '/provisioner/v1/tasks/t1' );
		$this->assertSame( [ '7', 'Ada', [ 'wikifarm-admin' ] ], self::actorOf( $sent ) );
	}

	public function testANumberLeadsNowhereElse() {
		$answer = $this->look( $this->refusing( 404, 'task_not_found' ), self::member(), '../users?x' );
		$this->assertRefused( 404, 'task_not_found', '(wikifarm-error-task-not-found)', $answer );
		$this->assertSent( 'GET', '/provisioner/v1/tasks/..%2Fusers%3Fx' );
	}

	/** @dataProvider provideNobody */
	public function testTellsNobody( Authority $nobody ) {
		$answer = $this->look( $this->answering( 200, [] ), $nobody );
		$this->assertRefused( 401, 'sign_in_needed', 'Log in first.', $answer );
		$this->assertNothingSent();
	}

	/** @dataProvider provideFailures */
	public function testSaysWhenTheServiceDoesNotAnswer( string $how, int $status, string $code, string $words ) {
		$this->assertRefused( $status, $code, $words, $this->look( $this->failing( $how ), self::member() ) );
	}

	public static function provideActions(): iterable {
		return [ [ 'retry' ], [ 'cancel' ] ];
	}

	/** @dataProvider provideActions */
	public function testPassesOnAnAction( string $action ) {
		$answer = $this->act( $this->answering( 202, [ 'task_id' => 't1' ] ), self::member(), $action );
		$this->assertAnswer( 202, [ 'task_id' => 't1' ], $answer );
		$sent = $this->assertSent( 'POST', "/provisioner/v1/tasks/t1/$action" );
		$this->assertSame( [ '{}', [ '7', 'Ada', [] ] ], [ $sent['body'], self::actorOf( $sent ) ] );
	}

	/** @dataProvider provideWrongTokens */
	public function testAnActionNeedsTheTokenOfTheSession( array $token, string $key ) {
		$answer = $this->act( $this->answering( 202, [] ), self::member(), 'cancel', $token );
		$this->assertKey( 403, $key, $answer );
		$this->assertNothingSent();
	}

	/** @dataProvider provideNobody */
	public function testNobodyActs( Authority $nobody ) {
		$answer = $this->act( $this->answering( 202, [] ), $nobody, 'retry' );
		$this->assertRefused( 401, 'sign_in_needed', 'Log in first.', $answer );
		$this->assertNothingSent();
	}

	public function testThereIsNoOtherAction() {
		$answer = $this->act( $this->answering( 202, [] ), self::member(), 'explode' );
		$this->assertSame( [ 400, 'action' ], [ $answer->getStatusCode(), self::json( $answer )['name'] ] );
		$this->assertNothingSent();
	}

	public function testPassesOnWhyAnActionIsRefused() {
		$answer = $this->act( $this->refusing( 409, 'not_cancellable' ), self::member(), 'cancel' );
		$this->assertRefused( 409, 'not_cancellable', '(wikifarm-error-not-cancellable)', $answer );
	}

	/** @dataProvider provideFailures */
	public function testSaysWhenTheServiceDoesNotAct( string $how, int $status, string $code, string $words ) {
		$this->assertRefused( $status, $code, $words, $this->act( $this->failing( $how ), self::member(), 'retry' ) );
	}
}
