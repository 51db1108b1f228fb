<?php

namespace MediaWiki\Extension\WikiFarm\Tests\Rest;

use MediaWiki\Config\HashConfig;
use MediaWiki\Config\ServiceOptions;
use MediaWiki\Context\RequestContext;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Extension\WikiFarm\ServiceTokenSigner;
use MediaWiki\HookContainer\HookContainer;
use MediaWiki\HookContainer\StaticHookRegistry;
use MediaWiki\Http\HttpRequestFactory;
use MediaWiki\Language\Language;
use MediaWiki\Logger\LoggerFactory;
use MediaWiki\Logger\NullSpi;
use MediaWiki\MainConfigNames;
use MediaWiki\MediaWikiServices;
use MediaWiki\Permissions\Authority;
use MediaWiki\Permissions\SimpleAuthority;
use MediaWiki\Rest\Handler;
use MediaWiki\Rest\HttpException;
use MediaWiki\Rest\Module\Module;
use MediaWiki\Rest\RequestData;
use MediaWiki\Rest\ResponseFactory;
use MediaWiki\Rest\ResponseInterface;
use MediaWiki\Rest\Validator\Validator;
use MediaWiki\Session\Session;
use MediaWiki\Session\SessionProvider;
use MediaWiki\Session\Token;
use MediaWiki\User\User;
use MediaWiki\User\UserIdentityValue;
use MediaWiki\Utils\UrlUtils;
use MessageCache;
use PHPUnit\Framework\TestCase;
use Profiler;
use Psr\Log\NullLogger;
use ReflectionProperty;
use Wikimedia\Message\ITextFormatter;
use Wikimedia\ObjectFactory\ObjectFactory;

/**
 * Takes a request through a handler as MediaWiki's router does: set up, validated, run, and a failure made an answer.
 * MediaWiki's HandlerTestTrait comes with its test suite, which distributions leave out. Real are the handlers with all
 * that is ours, MediaWiki's request, validator and answers, and HTTP with a process that stands for the service; the
 * session, the routes' module and the words' cache need a database or a whole wiki, and are stand-ins.
 */
abstract class RestHandlerTestCase extends TestCase {
	private const SESSION_SECRET = '0123456789abcdef0123456789abcdef';
	private const HTTP_SETTINGS = [
		MainConfigNames::HTTPTimeout => 25,
		MainConfigNames::HTTPConnectTimeout => 5,
		MainConfigNames::HTTPMaxTimeout => 0,
		MainConfigNames::HTTPMaxConnectTimeout => 0,
		MainConfigNames::HTTPUserAgentContact => null,
		MainConfigNames::HTTPProxy => '',
		MainConfigNames::LocalVirtualHosts => [],
		MainConfigNames::LocalHTTPProxy => false,
	];

	protected AnsweringService $service;
	private ?MediaWikiServices $before = null;

	public static function setUpBeforeClass(): void {
		LoggerFactory::registerProvider( new NullSpi() );
		Profiler::init( [] );
	}

	protected function setUp(): void {
		MediaWikiServices::allowGlobalInstance();
		$services = new MediaWikiServices( new HashConfig() );
		$services->defineService( 'MainConfig', static fn () => new HashConfig( self::HTTP_SETTINGS ) );
		$services->defineService( 'UrlUtils', static fn () => new UrlUtils( [
			UrlUtils::SERVER => 'http://hub.example',
			UrlUtils::VALID_PROTOCOLS => [ 'http://' ],
		] ) );
		// It says who asks: the user agent.
		$services->defineService( 'HttpRequestFactory', static fn () => self::requests() );
		$words = $this->words();
		$services->defineService( 'MessageCache', static fn () => $words );
		$instance = new ReflectionProperty( MediaWikiServices::class, 'instance' );
		$this->before = $instance->getValue();
		$instance->setValue( null, $services );
		$context = new RequestContext();
		( new ReflectionProperty( $context, 'lang' ) )->setValue( $context, $this->createStub( Language::class ) );
		( new ReflectionProperty( $context, 'instance' ) )->setValue( null, $context );
	}

	protected function tearDown(): void {
		if ( isset( $this->service ) ) {
			$this->service->requests();
		}
		( new ReflectionProperty( RequestContext::class, 'instance' ) )->setValue( null, null );
		( new ReflectionProperty( MediaWikiServices::class, 'instance' ) )->setValue( null, $this->before );
	}

	/** Ours in English; of others their key, in parentheses. */
	private function words(): MessageCache {
		$texts = json_decode( file_get_contents( __DIR__ . '/../../../../i18n/en.json' ), true );
		$words = $this->createStub( MessageCache::class );
		$words->method( 'get' )->willReturnCallback( static fn ( $key ) => $texts[$key] ?? "($key)" );
		$words->method( 'transform' )->willReturnArgument( 0 );
		return $words;
	}

	/**
	 * A client of a service that always answers so.
	 *
	 * @param int $status
	 * @param array|string $body
	 * @return ServiceClient
	 */
	protected function answering( int $status, $body ): ServiceClient {
		$type = $status < 400 ? 'application/json' : 'application/problem+json';
		$this->service = new AnsweringService( [ $status, $type, is_string( $body ) ? $body : json_encode( $body ) ] );
		return $this->client( $this->service->url );
	}

	protected function refusing( int $status, string $code, string $detail = '' ): ServiceClient {
		return $this->answering( $status, [ 'code' => $code, 'detail' => $detail ] );
	}

	/** Which it is: `down`, `slow`, `off`, or what it garbles. */
	protected function failing( string $how ): ServiceClient {
		if ( $how === 'slow' ) {
			$this->service = new AnsweringService( null );
			return $this->client( $this->service->url, [ MainConfigNames::HTTPMaxTimeout => 0.2 ] );
		}
		$client = $this->answering( 200, $how );
		if ( $how === 'down' ) {
			$this->service->requests();
		}
		return $how === 'off' ? $this->client( '' ) : $client;
	}

	/** What every route says where the service does not speak as it should. */
	public static function provideFailures(): iterable {
		$unreachable = [ 503, 'service_unreachable', 'The farm does not answer at the moment.' ];
		yield 'down' => [ 'down', ...$unreachable ];
		yield 'too slow' => [ 'slow', ...$unreachable ];
		yield 'not set up' => [ 'off', 503, 'service_off', 'This wiki is not connected to its farm.' ];
		$failed = [ 502, 'service_failed', 'Something went wrong at the farm.' ];
		yield 'another’s page' => [ '<html>Welcome to nginx</html>', ...$failed ];
		yield 'a half answer' => [ '{"wikis":[', ...$failed ];
		yield 'no answer' => [ '', ...$failed ];
	}

	protected function client( string $url, array $http = [] ): ServiceClient {
		$settings = [
			MainConfigNames::CanonicalServer => 'http://hub.example',
			'WikiFarmServiceKeyId' => '1',
			'WikiFarmServiceSecret' => str_repeat( 's', 32 ),
			'WikiFarmServiceURL' => $url,
		];
		return new ServiceClient(
			new ServiceOptions( ServiceClient::CONSTRUCTOR_OPTIONS, $settings ),
			self::requests( $http ),
			new ServiceTokenSigner( new ServiceOptions( ServiceTokenSigner::CONSTRUCTOR_OPTIONS, $settings ) )
		);
	}

	private static function requests( array $settings = [] ): HttpRequestFactory {
		$options = new ServiceOptions( HttpRequestFactory::CONSTRUCTOR_OPTIONS, $settings, self::HTTP_SETTINGS );
		return new HttpRequestFactory( $options, new NullLogger() );
	}

	protected static function member( string ...$rights ): Authority {
		return new SimpleAuthority( UserIdentityValue::newRegistered( 7, 'Ada' ), $rights );
	}

	/** Whoever has no account of their own. */
	public static function provideNobody(): iterable {
		yield 'not signed in' => [ new SimpleAuthority( UserIdentityValue::newAnonymous( '192.0.2.1' ), [ 'create-wiki' ] ) ];
		$temporary = UserIdentityValue::newRegistered( 8, '~2026-1' );
		yield 'a temporary account' => [ new SimpleAuthority( $temporary, [ 'create-wiki' ], true ) ];
	}

	/** The CSRF token of the session. */
	protected static function token(): string {
		return (string)new Token( self::SESSION_SECRET, '' );
	}

	/** Those that are not. */
	public static function provideWrongTokens(): iterable {
		yield 'none' => [ [], 'rest-badtoken-missing' ];
		yield 'an empty one' => [ [ 'token' => '' ], 'rest-badtoken-missing' ];
		yield 'that of nobody' => [ [ 'token' => '+\\' ], 'rest-badtoken' ];
		$another = (string)new Token( str_repeat( 'f', 32 ), '' );
		yield 'another session’s' => [ [ 'token' => $another ], 'rest-badtoken' ];
	}

	/**
	 * @param Handler $handler
	 * @param Authority $authority
	 * @param array $request For RequestData; with `json`, a POST of it
	 * @return ResponseInterface
	 */
	protected function request( Handler $handler, Authority $authority, array $request = [] ): ResponseInterface {
		if ( isset( $request['json'] ) ) {
			$body = json_encode( (object)$request['json'], JSON_THROW_ON_ERROR );
			$request = [ 'method' => 'POST', 'bodyContents' => $body ] + $request;
			$request['headers'] = [ 'Content-Type' => 'application/json', 'Content-Length' => (string)strlen( $body ) ] +
				( $request['headers'] ?? [] );
		}
		$data = new RequestData( $request );
		$objects = new ObjectFactory( MediaWikiServices::getInstance() );
		$answers = new ResponseFactory( [ $this->keys() ] );
		try {
			$handler->initContext( $this->createStub( Module::class ), '/', [] );
			$handler->initServices( $authority, $answers, new HookContainer( new StaticHookRegistry(), $objects ) );
			$handler->initSession( $this->sessionOf( $authority ) );
			$handler->initForExecute( $data );
			$handler->checkSession();
			$handler->validate( new Validator( $objects, $data, $authority ) );
			return $handler->execute();
		} catch ( HttpException $refused ) {
			return $answers->createFromException( $refused );
		}
	}

	/** Says a message's key for its text. */
	private function keys(): ITextFormatter {
		$keys = $this->createStub( ITextFormatter::class );
		$keys->method( 'getLangCode' )->willReturn( 'qqx' );
		$keys->method( 'format' )->willReturnCallback( static fn ( $message ) => $message->getKey() );
		return $keys;
	}

	private function sessionOf( Authority $authority ): Session {
		$user = $this->createStub( User::class );
		$user->method( 'isAnon' )->willReturn( !$authority->isRegistered() );
		$session = $this->createStub( Session::class );
		// Cookies are not safe against CSRF.
		$session->method( 'getProvider' )->willReturn( $this->createStub( SessionProvider::class ) );
		$session->method( 'getUser' )->willReturn( $user );
		$session->method( 'isPersistent' )->willReturn( true );
		$session->method( 'hasToken' )->willReturn( true );
		$session->method( 'getToken' )->willReturn( new Token( self::SESSION_SECRET, '' ) );
		return $session;
	}

	protected static function json( ResponseInterface $answer ): array {
		return json_decode( (string)$answer->getBody(), true );
	}

	protected function assertAnswer( int $status, array $value, ResponseInterface $answer ): void {
		$this->assertSame( [ $status, $value ], [ $answer->getStatusCode(), self::json( $answer ) ] );
		$this->assertSame( 'no-store', $answer->getHeaderLine( 'Cache-Control' ) );
		$this->assertSame( 'application/json', $answer->getHeaderLine( 'Content-Type' ) );
	}

	protected function assertRefused( int $status, string $code, string $words, ResponseInterface $answer ): void {
		$told = self::json( $answer );
		$this->assertSame( [ $status, $status, $code ], [ $answer->getStatusCode(), $told['httpCode'] ?? null, $told['code'] ?? null ] );
		$this->assertStringStartsWith( $words, $told['message'] );
	}

	/** That MediaWiki's message of this key is told. */
	protected function assertKey( int $status, string $key, ResponseInterface $answer ): void {
		$told = self::json( $answer )['messageTranslations']['qqx'] ?? null;
		$this->assertSame( [ $status, $key ], [ $answer->getStatusCode(), $told ] );
	}

	protected function assertNothingSent(): void {
		$this->assertSame( [], $this->service->requests() );
	}

	/** That the service heard this once. @return array The request */
	protected function assertSent( string $method, string $target ): array {
		$requests = $this->service->requests();
		$this->assertSame( [ "$method $target" ], array_map( static fn ( $sent ) => "$sent[method] $sent[target]", $requests ) );
		return $requests[0];
	}

	/** For whom a request was made, as its token says. */
	protected static function actorOf( array $request ): array {
		[ , $claims ] = explode( '.', $request['headers']['authorization'] );
		$claims = json_decode( base64_decode( strtr( $claims, '-_', '+/' ) ), true );
		return [ $claims['sub'], $claims['name'], $claims['rights'] ];
	}
}
