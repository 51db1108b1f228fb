<?php

namespace MediaWiki\Extension\WikiFarm\Rest;

use MediaWiki\Config\Config;
use MediaWiki\Extension\WikiFarm\FeaturedWikis;
use MediaWiki\Extension\WikiFarm\ServiceClient;
use MediaWiki\Extension\WikiFarm\ServiceFailure;
use MediaWiki\Rest\Response;

/** GET /wikifarm/v1/wikis/featured: for everybody, signed in or not. */
class FeaturedWikisHandler extends WikiListHandler {
	private const SECONDS_TO_ANSWER = 10;

	public function __construct(
		ServiceClient $client,
		Config $config,
		private readonly FeaturedWikis $featured
	) {
		parent::__construct( $client, $config );
	}

	public function run(): Response {
		[ 'limit' => $limit, 'offset' => $offset ] = $this->page();
		try {
			return $this->answer( $this->featured->page( $limit, $offset, self::SECONDS_TO_ANSWER ) );
		} catch ( ServiceFailure $failure ) {
			throw $this->told( $failure );
		}
	}
}
