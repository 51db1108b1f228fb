<?php

namespace MediaWiki\Extension\WikiFarm;

/** One request to the service, as it will be sent. */
class ServiceRequest {
	/**
	 * @param string $method
	 * @param string $target Path and query below the service's address
	 * @param string $body As it is sent; '' for none
	 */
	public function __construct(
		public readonly string $method,
		public readonly string $target,
		public readonly string $body = ''
	) {
	}

	/**
	 * @param string $method
	 * @param string[] $path Segments below /provisioner/v1, not encoded
	 * @param array<string,string|int> $query
	 * @param array|null $body Sent as JSON
	 */
	public static function to( string $method, array $path, array $query = [], ?array $body = null ): self {
		$target = '/provisioner/v1/' . implode( '/', array_map( 'rawurlencode', $path ) );
		if ( $query ) {
			$target .= '?' . http_build_query( $query, '', '&', PHP_QUERY_RFC3986 );
		}
		$flags = JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR;
		return new self( $method, $target, $body === null ? '' : json_encode( (object)$body, $flags ) );
	}
}
