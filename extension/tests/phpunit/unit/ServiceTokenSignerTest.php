<?php

namespace MediaWiki\Extension\WikiFarm\Tests;

use MediaWiki\Config\ServiceOptions;
use MediaWiki\Extension\WikiFarm\ActingUser;
use MediaWiki\Extension\WikiFarm\ServiceRequest;
use MediaWiki\Extension\WikiFarm\ServiceTokenSigner;
use PHPUnit\Framework\TestCase;
use RuntimeException;

/** @covers \MediaWiki\Extension\WikiFarm\ServiceTokenSigner */
class ServiceTokenSignerTest extends TestCase {
	/** What the service's own tests take. */
	private static function vectors(): array {
		return json_decode( file_get_contents( __DIR__ . '/../../service-token-vectors.json' ), true );
	}

	private static function signer( array $more = [] ): ServiceTokenSigner {
		$vectors = self::vectors();
		return new ServiceTokenSigner( new ServiceOptions( ServiceTokenSigner::CONSTRUCTOR_OPTIONS, $more + [
			'CanonicalServer' => $vectors['issuer'],
			'WikiFarmServiceKeyId' => $vectors['key_id'],
			'WikiFarmServiceSecret' => $vectors['secret'],
			'WikiFarmServiceURL' => $vectors['audience'] . '/',
		] ) );
	}

	public static function provideVectors(): iterable {
		foreach ( self::vectors()['tokens'] as $vector ) {
			yield $vector['name'] => [ $vector ];
		}
	}

	/** @dataProvider provideVectors */
	public function testSignsWhatTheServiceTakes( array $vector ) {
		[ 'method' => $method, 'target' => $target, 'body' => $body ] = $vector['request'];
		[ 'id' => $id, 'name' => $name, 'rights' => $rights ] = $vector['user'];
		$token = self::signer()->signAt( new ServiceRequest( $method, $target, $body ),
			new ActingUser( $id, $name, $rights ), $vector['now'], $vector['number'] );
		$this->assertSame( $vector['token'], $token );
	}

	public function testEveryTokenHasANumberOfItsOwn() {
		$sign = static fn () => self::signer()->sign( new ServiceRequest( 'GET', '/' ), new ActingUser( 1, 'Ada', [] ) );
		$this->assertNotSame( $sign(), $sign() );
	}

	public function testSignsWithNoShortSecret() {
		$signer = self::signer( [ 'WikiFarmServiceSecret' => str_repeat( 'a', 31 ) ] );
		$this->assertFalse( $signer->canSign() );
		$this->expectException( RuntimeException::class );
		$signer->sign( new ServiceRequest( 'GET', '/' ), new ActingUser( 1, 'Ada', [] ) );
	}
}
