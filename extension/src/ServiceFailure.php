<?php

namespace MediaWiki\Extension\WikiFarm;

use RuntimeException;
use Wikimedia\Message\MessageValue;

/** What the service did not do, and why, in words for whoever asked. */
class ServiceFailure extends RuntimeException {
	/** The service's codes that have a message of their own, wikifarm-error-CODE with hyphens. */
	private const KNOWN = [
		'blocked', 'busy', 'engine_off', 'forbidden', 'identity_needed', 'identity_taken', 'invalid_name',
		'invalid_slug', 'link_expired', 'name_held', 'name_reserved', 'name_taken', 'no_host', 'not_cancellable',
		'not_retryable', 'queue_full', 'quota_reached', 'rate_limited', 'scope_missing', 'service_token_invalid',
		'store_unavailable', 'task_not_found', 'too_many_streams', 'unknown_language',
	];

	/**
	 * @param string $failureCode The service's own, or `service_off`, `service_unreachable`, `service_failed`
	 * @param int $status Of HTTP, for whoever asked
	 * @param string $detail The service's sentence, in English; '' for none
	 */
	private function __construct(
		public readonly string $failureCode,
		public readonly int $status,
		private readonly string $detail = ''
	) {
		parent::__construct( $detail === '' ? $failureCode : "$failureCode: $detail" );
	}

	/** The wiki's settings name no service, or no secret to speak to it. */
	public static function off(): self {
		return new self( 'service_off', 503 );
	}

	/** It is down, or too slow to wait for. */
	public static function unreachable( string $reason ): self {
		return new self( 'service_unreachable', 503, $reason );
	}

	/**
	 * @param int $status
	 * @param string $body application/problem+json, or anything
	 */
	public static function fromAnswer( int $status, string $body ): self {
		$problem = json_decode( $body, true );
		$code = is_array( $problem ) && is_string( $problem['code'] ?? null ) ? $problem['code'] : '';
		$detail = is_array( $problem ) && is_string( $problem['detail'] ?? null ) ? $problem['detail'] : '';
		if ( $code === 'service_token_invalid' || $code === 'unauthenticated' ) {
			// The two sides do not know each other: nothing that whoever asked could mend.
			return new self( 'service_token_invalid', 502, $detail );
		}
		if ( $code === '' || $code === 'fault' || $status >= 600 || $status < 400 ) {
			return new self( 'service_failed', 502, $detail );
		}
		return new self( $code, $status, $detail );
	}

	public function getMessageValue(): MessageValue {
		$own = str_starts_with( $this->failureCode, 'service_' ) || in_array( $this->failureCode, self::KNOWN );
		if ( $own ) {
			return new MessageValue( 'wikifarm-error-' . strtr( $this->failureCode, '_', '-' ) );
		}
		return new MessageValue( 'wikifarm-error-refused', [ $this->detail === '' ? $this->failureCode : $this->detail ] );
	}
}
