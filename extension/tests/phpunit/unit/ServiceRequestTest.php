<?php

namespace MediaWiki\Extension\WikiFarm\Tests;

use MediaWiki\Extension\WikiFarm\ServiceRequest;
use PHPUnit\Framework\TestCase;

/** @covers \MediaWiki\Extension\WikiFarm\ServiceRequest */
class ServiceRequestTest extends TestCase {
	public static function provideTargets(): iterable {
		yield 'a list' => [ [ 'wikis' ], [ 'featured' => 1, 'limit' => 5 ], '/provisioner/v1/wikis?featured=1&limit=5' ];
		yield 'a way out' => [ [ 'tasks', '../../v1/users' ], [], '/provisioner/v1/tasks/..%2F..%2Fv1%2Fusers' ];
		yield 'a query in a path' => [ [ 'tasks', 'a?b#c' ], [], '/provisioner/v1/tasks/a%3Fb%23c' ];
		yield 'other scripts' => [ [ 'tasks', '百' ], [ 'q' => 'ü &' ], '/provisioner/v1/tasks/%E7%99%BE?q=%C3%BC%20%26' ];
	}

	/** @dataProvider provideTargets */
	public function testNothingLeavesItsPlaceInTheTarget( array $path, array $query, string $target ) {
		$this->assertSame( $target, ServiceRequest::to( 'GET', $path, $query )->target );
	}

	public function testABodyIsAnObjectOrNothing() {
		$this->assertSame( '', ServiceRequest::to( 'POST', [ 'wikis' ] )->body );
		$this->assertSame( '{}', ServiceRequest::to( 'POST', [ 'wikis' ], [], [] )->body );
		$this->assertSame( '{"a":"ü/"}', ServiceRequest::to( 'POST', [ 'wikis' ], [], [ 'a' => 'ü/' ] )->body );
	}
}
