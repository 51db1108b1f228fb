<?php

namespace MediaWiki\Extension\WikiFarm\Tests\Rest;

use MediaWiki\Extension\WikiFarm\NameRules;
use MediaWiki\Extension\WikiFarm\Rest\CreateWikiHandler;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Languages\LanguageNameUtils;
use MediaWiki\Permissions\Authority;
use MediaWiki\Permissions\PermissionStatus;
use MediaWiki\Permissions\SimpleAuthority;
use MediaWiki\Permissions\UltimateAuthority;
use MediaWiki\Rest\ResponseInterface;
use MediaWiki\User\UserIdentityValue;

/**
 * @covers \MediaWiki\Extension\WikiFarm\Rest\CreateWikiHandler
 * @covers \MediaWiki\Extension\WikiFarm\Rest\WikiFarmHandler
 */
class CreateWikiHandlerTest extends RestHandlerTestCase {
	private const WANTED = [ 'name' => 'Notes', 'slug' => 'notes', 'language' => 'en' ];

	private function create( ServiceClient $client, Authority $authority, array $body, array $headers = [] ): ResponseInterface {
		$languages = $this->createStub( LanguageNameUtils::class );
		$languages->method( 'getLanguageNames' )->willReturn( [ 'en' => 'English', 'ar' => 'العربية' ] );
		$handler = new CreateWikiHandler( $client, new NameRules( $languages ) );
		return $this->request( $handler, $authority, [ 'json' => $body, 'headers' => $headers ] );
	}

	private static function wanted( array $more = [] ): array {
		return $more + self::WANTED + [ 'token' => self::token() ];
	}

	public function testAnswersWithTheTask() {
		$client = $this->answering( 202, [ 'task_id' => 't1' ] );
		$body = self::wanted( [ 'name' => ' ملاحظات ', 'language' => 'ar', 'visibility' => 'private' ] );
		$answer = $this->create( $client, self::member( 'create-wiki', 'edit' ), $body, [ 'Idempotency-Key' => 'k-1' ] );
		$this->assertAnswer( 202, [ 'task_id' => 't1' ], $answer );
		$sent = $this->assertSent( 'POST', '/provisioner/v1/wikis' );
		$this->assertSame( [ 'name' => 'ملاحظات', 'slug' => 'notes', 'language' => 'ar', 'visibility' => 'private' ],
			json_decode( $sent['body'], true ) );
		$this->assertSame( [ '7', 'Ada', [ 'create-wiki' ] ], self::actorOf( $sent ) );
		$this->assertSame( [ 'application/json', 'k-1' ],
			[ $sent['headers']['content-type'], $sent['headers']['idempotency-key'] ] );
	}

	public function testIsPublicUnlessItIsSaidOtherwise() {
		$authority = new UltimateAuthority( UserIdentityValue::newRegistered( 9, 'Root' ) );
		$this->create( $this->answering( 202, [] ), $authority, self::wanted() );
		$sent = $this->assertSent( 'POST', '/provisioner/v1/wikis' );
		$this->assertSame( 'public', json_decode( $sent['body'], true )['visibility'] );
		$this->assertSame( [ '9', 'Root', [ 'create-wiki', 'wikifarm-admin' ] ], self::actorOf( $sent ) );
	}

	public static function provideKeysThatAreNone(): iterable {
		yield 'a space' => [ 'a b' ];
		yield 'too long' => [ str_repeat( 'k', 201 ) ];
		yield 'another script' => [ 'ключ' ];
	}

	/** @dataProvider provideKeysThatAreNone */
	public function testPassesOnNoKeyThatIsNone( string $key ) {
		$client = $this->answering( 202, [] );
		$this->create( $client, self::member( 'create-wiki' ), self::wanted(), [ 'Idempotency-Key' => $key ] );
		$this->assertArrayNotHasKey( 'idempotency-key', $this->assertSent( 'POST', '/provisioner/v1/wikis' )['headers'] );
	}

	/** @dataProvider provideWrongTokens */
	public function testNeedsTheTokenOfTheSession( array $token, string $key ) {
		$answer = $this->create( $this->answering( 202, [] ), self::member( 'create-wiki' ), $token + self::WANTED );
		$this->assertKey( 403, $key, $answer );
		$this->assertNothingSent();
	}

	/** @dataProvider provideNobody */
	public function testIsForAccounts( Authority $nobody ) {
		$answer = $this->create( $this->answering( 202, [] ), $nobody, self::wanted() );
		$this->assertRefused( 401, 'sign_in_needed', 'Log in first.', $answer );
		$this->assertNothingSent();
	}

	public function testNeedsTheRight() {
		$answer = $this->create( $this->answering( 202, [] ), self::member( 'edit', 'wikifarm-admin' ), self::wanted() );
		$this->assertRefused( 403, 'forbidden', '(permissionserrors)', $answer );
		$this->assertKey( 403, 'permissionserrors', $answer );
		$this->assertNothingSent();
	}

	public static function provideDenials(): iterable {
		yield 'too often' =>
			[ static fn ( $status ) => $status->setRateLimitExceeded(), 429, 'rate_limited', 'wikifarm-error-rate-limited' ];
		yield 'without a word' => [ static fn () => null, 403, 'forbidden', 'wikifarm-error-forbidden' ];
		yield 'in words of its own' => [ static fn ( $status ) => $status->fatal( 'blockedtext' ), 403, 'forbidden', 'blockedtext' ];
	}

	/** @dataProvider provideDenials */
	public function testSaysWhyTheWikiDenies( callable $deny, int $status, string $code, string $key ) {
		$authority = new class( UserIdentityValue::newRegistered( 7, 'Ada' ), [ 'create-wiki' ], $deny ) extends SimpleAuthority {
			/** @var callable */
			private $deny;

			public function __construct( UserIdentityValue $user, array $rights, callable $deny ) {
				parent::__construct( $user, $rights );
				$this->deny = $deny;
			}

			public function authorizeAction( string $action, ?PermissionStatus $status = null ): bool {
				( $this->deny )( $status );
				return false;
			}
		};
		$answer = $this->create( $this->answering( 202, [] ), $authority, self::wanted() );
		$this->assertRefused( $status, $code, "($key)", $answer );
		$this->assertKey( $status, $key, $answer );
		$this->assertNothingSent();
	}

	public static function provideWrongNames(): iterable {
		yield 'name' => [ [ 'name' => 'a|b' ], 'invalid_name', '(wikifarm-error-invalid-name)' ];
		yield 'no name' => [ [ 'name' => '  ' ], 'invalid_name', '(wikifarm-error-invalid-name)' ];
		yield 'slug' => [ [ 'slug' => 'No' ], 'invalid_slug', '(wikifarm-error-invalid-slug)' ];
		yield 'a way out' => [ [ 'slug' => '../x' ], 'invalid_slug', '(wikifarm-error-invalid-slug)' ];
		yield 'language' => [ [ 'language' => 'xx-nowhere' ], 'unknown_language', '(wikifarm-error-unknown-language)' ];
		yield 'visibility' => [ [ 'visibility' => 'secret' ], 'invalid_visibility', 'A wiki is public or private.' ];
	}

	/** @dataProvider provideWrongNames */
	public function testAsksForNoNamesThatCannotBe( array $wrong, string $code, string $words ) {
		$answer = $this->create( $this->answering( 202, [] ), self::member( 'create-wiki' ), self::wanted( $wrong ) );
		$this->assertRefused( 400, $code, $words, $answer );
		$this->assertKey( 400, 'wikifarm-error-' . strtr( $code, '_', '-' ), $answer );
		$this->assertNothingSent();
	}

	public static function provideBodies(): iterable {
		yield 'a number for a name' => [ [ 'name' => 5 ] + self::WANTED ];
		yield 'a list for a slug' => [ [ 'slug' => [ 'notes' ] ] + self::WANTED ];
		yield 'no language' => [ array_diff_key( self::WANTED, [ 'language' => 0 ] ) ];
		yield 'more than is asked' => [ [ 'owner_id' => 1 ] + self::WANTED ];
	}

	/** @dataProvider provideBodies */
	public function testTakesNoOtherShape( array $body ) {
		$answer = $this->create( $this->answering( 202, [] ), self::member( 'create-wiki' ), $body + [ 'token' => self::token() ] );
		$this->assertSame( [ 400, 'parameter-validation-failed' ], [ $answer->getStatusCode(), self::json( $answer )['error'] ] );
		$this->assertNothingSent();
	}

	public static function provideRefusals(): iterable {
		yield 'taken' => [ 409, 'name_taken', '', 409, 'name_taken', '(wikifarm-error-name-taken)' ];
		yield 'a quota' => [ 403, 'quota_reached', '', 403, 'quota_reached', '(wikifarm-error-quota-reached)' ];
		yield 'one that is new here' => [ 409, 'moon_full', 'Wait a day.', 409, 'moon_full', 'The farm refused this: Wait a day.' ];
		yield 'a fault' => [ 500, 'fault', 'x', 502, 'service_failed', 'Something went wrong at the farm.' ];
		yield 'our own token' =>
			[ 401, 'service_token_invalid', '', 502, 'service_token_invalid', '(wikifarm-error-service-token-invalid)' ];
	}

	/** @dataProvider provideRefusals */
	public function testPassesOnWhatTheServiceRefuses( int $says, string $its, string $detail, int $status, string $code, string $words ) {
		$answer = $this->create( $this->refusing( $says, $its, $detail ), self::member( 'create-wiki' ), self::wanted() );
		$this->assertRefused( $status, $code, $words, $answer );
		$this->assertSent( 'POST', '/provisioner/v1/wikis' );
	}

	/** @dataProvider provideFailures */
	public function testSaysWhenTheServiceDoesNotAnswer( string $how, int $status, string $code, string $words ) {
		$answer = $this->create( $this->failing( $how ), self::member( 'create-wiki' ), self::wanted() );
		$this->assertRefused( $status, $code, $words, $answer );
	}
}
