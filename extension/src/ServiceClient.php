<?php

namespace MediaWiki\Extension\WikiFarm;

use MediaWiki\Config\ServiceOptions;
use MediaWiki\Http\HttpRequestFactory;

/** Wikistead, as this wiki asks it: JSON, and a task's events as a stream. */
class ServiceClient {
	public const CONSTRUCTOR_OPTIONS = [ 'WikiFarmServiceURL' ];

	private const SECONDS_TO_CONNECT = 3;
	private const SECONDS_TO_ANSWER = 10;

	public function __construct(
		private readonly ServiceOptions $options,
		private readonly HttpRequestFactory $httpRequestFactory,
		private readonly ServiceTokenSigner $signer
	) {
		$options->assertRequiredOptions( self::CONSTRUCTOR_OPTIONS );
	}

	/**
	 * @param ServiceRequest $request
	 * @param ActingUser|null $user Nobody: only what everybody may see
	 * @param int $seconds How long the answer may take
	 * @param string $idempotencyKey Makes a repeated request safe; '' for none
	 * @return array The answer's JSON object
	 * @throws ServiceFailure
	 */
	public function ask(
		ServiceRequest $request,
		?ActingUser $user = null,
		int $seconds = self::SECONDS_TO_ANSWER,
		string $idempotencyKey = ''
	): array {
		$sent = $this->httpRequestFactory->create( $this->url( $request ), [
			'method' => $request->method,
			'connectTimeout' => min( $seconds, self::SECONDS_TO_CONNECT ),
			'timeout' => $seconds,
			'maxRedirects' => 0,
			'postData' => $request->body === '' ? null : $request->body,
		], __METHOD__ );
		foreach ( $this->headers( $request, $user ) as $name => $value ) {
			$sent->setHeader( $name, $value );
		}
		if ( $idempotencyKey !== '' ) {
			$sent->setHeader( 'Idempotency-Key', $idempotencyKey );
		}
		$sent->execute();
		$status = $sent->getStatus();
		// 200 stands there also when nobody has answered.
		if ( !$sent->getResponseHeaders() ) {
			throw ServiceFailure::unreachable( 'no answer' );
		}
		$answer = json_decode( $sent->getContent(), true );
		if ( $status < 200 || $status > 299 || !is_array( $answer ) ) {
			throw ServiceFailure::fromAnswer( $status, $sent->getContent() );
		}
		return $answer;
	}

	/**
	 * Opens a task's events.
	 *
	 * @param string $taskId
	 * @param string $lastEventId Where the browser was; '' for the beginning
	 * @param bool $follow Wait for what comes; else it ends with what there is
	 * @param ActingUser $user
	 * @return resource The body, to be read as it comes
	 * @throws ServiceFailure
	 */
	public function openEvents( string $taskId, string $lastEventId, bool $follow, ActingUser $user ) {
		$query = $follow ? [] : [ 'follow' => 0 ];
		$request = ServiceRequest::to( 'GET', [ 'tasks', $taskId, 'events' ], $query );
		$headers = $this->headers( $request, $user ) + [ 'Accept' => 'text/event-stream' ];
		if ( $lastEventId !== '' ) {
			$headers['Last-Event-ID'] = $lastEventId;
		}
		$lines = array_map( static fn ( $name, $value ) => "$name: $value", array_keys( $headers ), $headers );
		$context = stream_context_create( [ 'http' => [
			'method' => 'GET',
			'header' => $lines,
			'timeout' => self::SECONDS_TO_ANSWER,
			'follow_location' => 0,
			'ignore_errors' => true,
			// No chunks: the connection ends with the stream.
			'protocol_version' => 1.0,
		] ] );
		// phpcs:ignore Generic.PHP.NoSilencedErrors.Discouraged -- it warns of what is told below
		$stream = @fopen( $this->url( $request ), 'r', false, $context );
		if ( $stream === false ) {
			throw ServiceFailure::unreachable( 'no answer' );
		}
		$status = self::statusOf( stream_get_meta_data( $stream )['wrapper_data'] ?? [] );
		if ( $status !== 200 ) {
			$body = (string)stream_get_contents( $stream, 65536 );
			fclose( $stream );
			throw ServiceFailure::fromAnswer( $status, $body );
		}
		return $stream;
	}

	private function url( ServiceRequest $request ): string {
		$base = rtrim( $this->options->get( 'WikiFarmServiceURL' ), '/' );
		if ( $base === '' ) {
			throw ServiceFailure::off();
		}
		return $base . $request->target;
	}

	/** @return array<string,string> */
	private function headers( ServiceRequest $request, ?ActingUser $user ): array {
		$headers = [ 'Accept' => 'application/json' ];
		if ( $request->body !== '' ) {
			$headers['Content-Type'] = 'application/json';
		}
		if ( $user ) {
			if ( !$this->signer->canSign() ) {
				throw ServiceFailure::off();
			}
			$headers['Authorization'] = 'Bearer ' . $this->signer->sign( $request, $user );
		}
		return $headers;
	}

	/** @param string[] $lines */
	private static function statusOf( array $lines ): int {
		return preg_match( '~^HTTP/\S+ (\d{3})~', $lines[0] ?? '', $found ) ? (int)$found[1] : 0;
	}
}
