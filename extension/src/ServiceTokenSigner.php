<?php

namespace MediaWiki\Extension\WikiFarm;

use MediaWiki\Config\ServiceOptions;
use MediaWiki\MainConfigNames;
use RuntimeException;

/**
 * Tells the service for whom one request is made: a JWT (HS256) that fits this request alone, counts once and is over
 * soon. The tests of both sides read tests/service-token-vectors.json.
 */
class ServiceTokenSigner {
	public const CONSTRUCTOR_OPTIONS = [
		MainConfigNames::CanonicalServer,
		'WikiFarmServiceKeyId',
		'WikiFarmServiceSecret',
		'WikiFarmServiceURL',
	];

	private const TYPE = 'wikistead-request+jwt';
	private const LIFETIME = 30;
	private const SHORTEST_SECRET = 32;

	public function __construct( private readonly ServiceOptions $options ) {
		$options->assertRequiredOptions( self::CONSTRUCTOR_OPTIONS );
	}

	public function canSign(): bool {
		return strlen( $this->options->get( 'WikiFarmServiceSecret' ) ) >= self::SHORTEST_SECRET;
	}

	/** For now, with a number that was never used. */
	public function sign( ServiceRequest $request, ActingUser $user ): string {
		return $this->signAt( $request, $user, time(), self::base64Url( random_bytes( 24 ) ) );
	}

	/**
	 * @param ServiceRequest $request
	 * @param ActingUser $user
	 * @param int $now Seconds since 1970
	 * @param string $number
	 * @return string
	 */
	public function signAt( ServiceRequest $request, ActingUser $user, int $now, string $number ): string {
		if ( !$this->canSign() ) {
			throw new RuntimeException( '$wgWikiFarmServiceSecret is shorter than 32 characters' );
		}
		$header = [ 'alg' => 'HS256', 'typ' => self::TYPE, 'kid' => $this->options->get( 'WikiFarmServiceKeyId' ) ];
		$claims = [
			'iss' => $this->options->get( MainConfigNames::CanonicalServer ),
			'aud' => rtrim( $this->options->get( 'WikiFarmServiceURL' ), '/' ),
			'sub' => (string)$user->id,
			'name' => $user->name,
			'rights' => $user->rights,
			'iat' => $now,
			'exp' => $now + self::LIFETIME,
			'jti' => $number,
			'method' => $request->method,
			'target' => $request->target,
			'body' => self::base64Url( hash( 'sha256', $request->body, true ) ),
		];
		$signed = self::part( $header ) . '.' . self::part( $claims );
		$signature = hash_hmac( 'sha256', $signed, $this->options->get( 'WikiFarmServiceSecret' ), true );
		return $signed . '.' . self::base64Url( $signature );
	}

	private static function part( array $values ): string {
		$flags = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR;
		return self::base64Url( json_encode( $values, $flags ) );
	}

	private static function base64Url( string $bytes ): string {
		return rtrim( strtr( base64_encode( $bytes ), '+/', '-_' ), '=' );
	}
}
