<?php

namespace MediaWiki\Extension\WikiFarm\Rest;

use MediaWiki\Extension\WikiFarm\ServiceRequest;
use MediaWiki\Rest\Response;

/** GET /wikifarm/v1/wikis/featured: for everybody, signed in or not. */
class FeaturedWikisHandler extends WikiListHandler {
	public function run(): Response {
		$query = [ 'featured' => 1 ] + $this->page();
		return $this->answer( $this->ask( ServiceRequest::to( 'GET', [ 'wikis' ], $query ), null ) );
	}
}
