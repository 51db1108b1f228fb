<?php

namespace MediaWiki\Extension\WikiFarm\Tests;

use MediaWiki\Extension\WikiFarm\ServiceFailure;
use PHPUnit\Framework\TestCase;

/** @covers \MediaWiki\Extension\WikiFarm\ServiceFailure */
class ServiceFailureTest extends TestCase {
	public static function provideAnswers(): iterable {
		yield 'a refusal' => [ 409, '{"code":"name_taken","detail":"x"}', 'name_taken', 409, 'wikifarm-error-name-taken' ];
		yield 'one without words of its own' => [ 409, '{"code":"new_code","detail":"Words."}', 'new_code', 409, 'wikifarm-error-refused' ];
		yield 'a fault' => [ 500, '{"code":"fault","detail":"x"}', 'service_failed', 502, 'wikifarm-error-service-failed' ];
		yield 'two that do not know each other' =>
			[ 401, '{"code":"service_token_invalid"}', 'service_token_invalid', 502, 'wikifarm-error-service-token-invalid' ];
		foreach ( [ '', 'Bad Gateway', '<html>', '[]', 'null', '{"code":5}' ] as $body ) {
			yield "no answer of ours: $body" => [ 502, $body, 'service_failed', 502, 'wikifarm-error-service-failed' ];
		}
		yield 'a success that cannot be read' => [ 200, '<html>', 'service_failed', 502, 'wikifarm-error-service-failed' ];
	}

	/** @dataProvider provideAnswers */
	public function testSaysWhatHappened( int $status, string $body, string $code, int $told, string $key ) {
		$failure = ServiceFailure::fromAnswer( $status, $body );
		$this->assertSame( [ $code, $told, $key ],
			[ $failure->failureCode, $failure->status, $failure->getMessageValue()->getKey() ] );
	}
}
